//! Caches that many share, before the application and before the edge: what was decided on a session is shown to
//! that session alone, whatever the application says about its answers, and a sign-in signs in one browser.

use reqwest::Method;
use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::cache::{Cache, Manners};
use sealgate_tests::stack::{DEMO, Stack};
use serde_json::{Value, json};

/// What applications say about pages that they should say something else about.
const CACHING: &[&[&str]] = &[
    &[],
    &["cache-control: public, max-age=60"],
    &["cache-control: max-age=60"],
    &["cache-control: PUBLIC , S-MaxAge = 60"],
    &["cache-control: s-maxage=60, private=\"x-a\""],
    &["cache-control: private=\"set-cookie, x-a\", max-age=60"],
    &["cache-control: no-store, must-understand, max-age=60"],
    &["cache-control: no-cache=\"x-a\", max-age=60"],
    &["cache-control: public", "cache-control: max-age=60"],
    &["cache-control: private, max-age=60"],
    &["cache-control: no-store"],
    &["cache-control: immutable, max-age=31536000, stale-while-revalidate=60"],
    &["last-modified: Mon, 06 Jul 2020 00:00:00 GMT"],
    &["expires: Thu, 01 Jan 2099 00:00:00 GMT"],
    &["cdn-cache-control: max-age=60"],
    &["cdn-cache-control: max-age=60", "cache-control: no-store"],
    &["surrogate-control: max-age=60", "cache-control: private"],
    &["vary: cookie", "cache-control: public, max-age=60"],
    &["set-cookie: theme=dark", "cache-control: public, max-age=60"],
];

struct World {
    stack: Stack,
    /// Between the browsers and the edge.
    outer: Cache,
    /// Between the edge and the application.
    inner: Cache,
}

impl World {
    async fn start(manners: Manners) -> Self {
        let inner = Cache::start(manners, "").await;
        let before_application = |settings: &mut Value| {
            let upstream = &mut settings["tenants"][0]["upstream"];
            inner.stand_before(upstream.as_str().unwrap());
            *upstream = json!(inner.address());
        };
        let stack = Stack::start_with(before_application).await;
        let outer = Cache::start(manners, stack.edge.address()).await;
        Self { stack, outer, inner }
    }

    fn browser(&self) -> Browser {
        Browser::new(self.outer.address(), DEMO)
    }

    async fn signed_in(&self, actor: &str) -> (Browser, Value) {
        let minted = self.stack.origin.mint(actor).await;
        let mut browser = self.browser();
        browser.keep_session(&minted);
        (browser, minted["session"].clone())
    }
}

/// Gets a page that the application answers with these headers.
async fn get(browser: &Browser, path: &str, caching: &[&str]) -> Answer {
    let with = caching.iter().fold(browser.clone(), |browser, line| browser.with_header("x-answer-with", line));
    with.clone().get(path).await
}

#[tokio::test]
async fn a_page_is_shown_to_the_session_that_it_was_made_for_and_to_nobody_else() {
    for manners in [Manners::Polite, Manners::Sloppy] {
        let world = World::start(manners).await;
        let ((ada, _), (bob, _)) = (world.signed_in("ada").await, world.signed_in("bob").await);
        let anonymous = world.browser();
        for (number, caching) in CACHING.iter().enumerate() {
            for (order, path) in [format!("/page/{number}"), format!("/other/{number}?x=1")].iter().enumerate() {
                let who = [(&ada, Some("ada")), (&bob, Some("bob")), (&anonymous, None), (&ada, Some("ada"))];
                for position in 0..who.len() {
                    let (browser, actor) = &who[(position + 2 * order) % who.len()];
                    let answer = get(browser, path, caching).await;
                    let said = format!("{manners:?} cache, {caching:?}, for {actor:?}: {answer:?}");
                    let shown = if answer.status == 200 { answer.seen("x-sealgate-actor-id") } else { None };
                    assert_eq!(shown.as_deref(), *actor, "{said}");
                    assert_eq!(answer.status.as_u16(), if actor.is_some() { 200 } else { 401 }, "{said}");
                }
            }
        }
        for cache in [&world.outer, &world.inner] {
            assert_eq!((cache.hits(), cache.kept().len()), (0, 0), "{manners:?}: {:?}", cache.kept());
        }
    }
}

#[tokio::test]
async fn after_signing_out_nothing_comes_out_of_a_cache() {
    for manners in [Manners::Polite, Manners::Sloppy] {
        let world = World::start(manners).await;
        let (mut ada, _) = world.signed_in("ada").await;
        let stolen = ada.clone();
        for caching in CACHING {
            assert_eq!(get(&ada, "/page", caching).await.status, 200);
        }
        assert_eq!(ada.post("/auth/logout", "").await.status, 200);
        for caching in CACHING {
            assert_eq!(get(&ada, "/page", caching).await.code(), "missing");
            assert_eq!(get(&stolen, "/page", caching).await.code(), "revoked");
        }
        assert_eq!(ada.get("/auth/session").await.status, 401);
        assert_eq!(ada.clone().navigating().get("/page").await.status, 302);
        let (mut bob, _) = world.signed_in("bob").await;
        assert_eq!(bob.clone().navigating().get("/page").await.status, 200, "nor does the way to sign-in");
        assert_eq!(bob.get("/auth/session").await.json()["session"]["actor_id"], "bob");
    }
}

#[tokio::test]
async fn public_pages_are_kept_as_the_application_likes() {
    for manners in [Manners::Polite, Manners::Sloppy] {
        let world = World::start(manners).await;
        let (ada, _) = world.signed_in("ada").await;
        let caching = ["cache-control: public, max-age=60"];
        for browser in [&ada, &world.browser(), &ada] {
            let answer = get(browser, "/public/page", &caching).await;
            assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
            assert_eq!(answer.seen("x-sealgate-actor-id"), None);
        }
        assert_eq!((world.outer.hits(), world.stack.upstream.requests()), (2, 1), "these caches do work");
    }
}

#[tokio::test]
async fn a_sign_in_signs_in_one_browser_and_is_kept_by_no_cache_outside() {
    for manners in [Manners::Polite, Manners::Sloppy] {
        let world = World::start(manners).await;
        for (number, caching) in CACHING.iter().enumerate() {
            let minted = world.stack.origin.mint("ada").await;
            let lines = minted["set_cookie"].as_array().unwrap();
            let lines: Vec<String> =
                lines.iter().map(|line| format!("set-cookie: {}", line.as_str().unwrap())).collect();
            let all: Vec<&str> = lines.iter().map(String::as_str).chain(caching.iter().copied()).collect();
            let mut signed_in = 0;
            // Whoever comes second is a stranger, and may be answered out of a cache.
            for _ in 0..3 {
                let answer = get(&world.browser(), &format!("/public/login/{number}"), &all).await;
                let ours = answer.set_cookies().iter().filter(|line| line.starts_with("__Host-sg")).count();
                assert!(ours == 0 || answer.header("cache-control") == Some("no-store"), "{answer:?}");
                signed_in += usize::from(ours > 0);
            }
            assert!(signed_in <= 1, "{manners:?} cache, {caching:?}: {signed_in} browsers were signed in");
            match caching {
                [] | ["cache-control: no-store" | "cache-control: private, max-age=60"] => {
                    assert_eq!(signed_in, 1, "{caching:?} keeps it from nobody");
                }
                ["cache-control: public, max-age=60" | "cache-control: max-age=60"] => {
                    assert_eq!(signed_in, 0, "{caching:?} offers it to everybody");
                }
                _ => {}
            }
        }
        for kept in world.outer.kept() {
            assert!(!format!("{:?}", kept.headers).contains("__Host-sg"), "{manners:?}: {kept:?}");
        }
        // The same for the origin's own sign-in.
        let before = world.outer.kept().len();
        let mut browser = world.browser().with_header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(browser.get("/auth/login").await.status, 200);
        let signed_in = browser.send(Method::POST, "/auth/login", "name=ada&return_to=/".to_owned()).await;
        assert_eq!(signed_in.header("cache-control"), Some("no-store"));
        assert!(browser.cookies.contains_key("__Host-sg"));
        assert_eq!(world.outer.kept().len(), before, "of /auth nothing is kept");
    }
}
