//! What other sites cannot make a browser do (DESIGN §5, §6.6): the whole table, through the real Worker.

use reqwest::Method;
use sealgate_tests::browser::Browser;
use serde_json::json;

use super::{CSRF, World, expect_in, expect_out};

const UNSAFE: [Method; 4] = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// What a request says of where it comes from, and what becomes of it: `None` is let in.
type Row = (Vec<(&'static str, String)>, Option<&'static str>);

fn table(token: &str) -> Vec<Row> {
    let own = "http://demo.test";
    let (site, origin, header) = ("sec-fetch-site", "origin", "x-csrf-token");
    let row = |headers: &[(&'static str, &str)], code| {
        (headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect::<Vec<_>>(), code)
    };
    let (cross, no_token) = (Some("cross_site"), Some("csrf_token"));
    vec![
        row(&[(site, "same-origin")], None),
        row(&[(site, "none")], None),
        row(&[(site, "same-site")], cross),
        row(&[(site, "cross-site")], cross),
        row(&[(site, "")], cross),
        row(&[(site, "nonsense")], cross),
        // The browser's word goes first, whatever else is said.
        row(&[(site, "cross-site"), (origin, own), (header, token)], cross),
        row(&[(site, "same-origin"), (origin, "https://evil.test")], None),
        row(&[(origin, own)], None),
        row(&[(origin, "https://demo.test")], cross),
        row(&[(origin, "http://demo.test:81")], cross),
        row(&[(origin, "http://other.test")], cross),
        row(&[(origin, "http://demo.test.evil.test")], cross),
        row(&[(origin, "null")], cross),
        row(&[(origin, "https://evil.test"), (header, token)], cross),
        row(&[(header, token)], None),
        row(&[], no_token),
        row(&[(header, "")], no_token),
        row(&[(header, "AAAAAAAAAAAAAAAAAAAAAA")], no_token),
        row(&[(header, &token[1..])], no_token),
        row(&[(header, &format!("{token}="))], no_token),
    ]
}

fn saying(browser: &Browser, headers: &[(&str, String)]) -> Browser {
    let silent = browser.clone().without_fetch_metadata();
    headers.iter().fold(silent, |browser, (name, value)| browser.with_header(name, value))
}

#[tokio::test]
async fn what_changes_something_comes_from_a_page_of_this_site() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    for (headers, code) in table(&ada.cookies[CSRF]) {
        for method in UNSAFE {
            let before = world.stack.upstream.requests();
            let answer = saying(&ada, &headers).send(method.clone(), "/thing", "a body".to_owned()).await;
            let what = format!("{method} {headers:?}");
            match code {
                None => expect_in(&answer, &session, &what),
                Some(code) => {
                    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, code), "{what}");
                    assert_eq!(answer.header("cache-control"), Some("no-store"));
                    assert!(answer.set_cookies().is_empty(), "nobody is signed out: {what}");
                    assert_eq!(world.stack.upstream.requests(), before, "{what}");
                }
            }
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let answer = saying(&ada, &headers).send(method.clone(), "/thing", String::new()).await;
            assert_eq!(answer.status, 200, "{method} changes nothing: {headers:?}");
        }
    }
}

#[tokio::test]
async fn an_expired_token_makes_no_difference() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    for (headers, code) in table(&ada.cookies[CSRF]) {
        let answer = saying(&ada, &headers).post("/thing", "a body").await;
        match code {
            None => expect_in(&answer, &session, &format!("{headers:?}")),
            Some(code) => {
                assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, code), "{headers:?}");
            }
        }
    }
}

/// A token of another session is nobody's here.
#[tokio::test]
async fn the_token_is_the_sessions() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    let (bob, _) = world.signed_in("bob").await;
    let with = |token: &str| saying(&ada, &[("x-csrf-token", token.to_owned())]);
    assert_eq!(with(&bob.cookies[CSRF]).post("/", "").await.code(), "csrf_token");
    expect_in(&with(&ada.cookies[CSRF]).post("/", "").await, &session, "her own");
    // It can be had again by whoever is signed in, and by nobody else.
    let told = ada.clone().get("/auth/csrf").await;
    assert_eq!((told.status.as_u16(), &told.json()["csrf_token"]), (200, &json!(ada.cookies[CSRF])), "{told:?}");
    assert_eq!(told.header("cache-control"), Some("no-store"));
    expect_out(&world.browser().get("/auth/csrf").await, "missing", "nobody");
}

#[tokio::test]
async fn a_route_may_ask_for_the_token_always() {
    let routes = json!([
        { "path": "/careful", "policy": "session", "csrf": "token" },
        { "path": "/public", "policy": "public" },
    ]);
    let world = World::start_on(
        sealgate_test_database::Engine::Sqlite,
        |_| {},
        |settings| {
            settings["tenants"][0]["routes"] = routes;
        },
    )
    .await;
    let (ada, session) = world.signed_in("ada").await;
    let token = ada.cookies[CSRF].clone();
    let site = |site: &str| ("sec-fetch-site", site.to_owned());
    let header = ("x-csrf-token", token);
    assert_eq!(saying(&ada, &[site("same-origin")]).post("/careful", "").await.code(), "csrf_token");
    assert_eq!(saying(&ada, &[site("cross-site"), header.clone()]).post("/careful", "").await.status, 403);
    for headers in [vec![site("same-origin"), header.clone()], vec![header]] {
        expect_in(&saying(&ada, &headers).post("/careful", "").await, &session, "with the token");
    }
    expect_in(&saying(&ada, &[site("same-origin")]).post("/", "").await, &session, "elsewhere");
    expect_in(&saying(&ada, &[]).get("/careful").await, &session, "what changes nothing");
    let public = saying(&ada, &[site("cross-site")]).post("/public", "").await;
    assert_eq!(public.status, 200, "where no session is looked at, none is abused");
}

#[tokio::test]
async fn the_origins_own_pages_are_as_careful() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    let (_, other) = world.signed_in("ada").await;
    let path = format!("/auth/sessions/{}", other["id"].as_str().unwrap());
    for (headers, code) in table(&ada.cookies[CSRF]) {
        let Some(code) = code else { continue };
        for (method, path) in [
            (Method::POST, "/auth/logout"),
            (Method::POST, "/auth/refresh"),
            (Method::DELETE, "/auth/sessions"),
            (Method::DELETE, "/auth/sessions?except=current"),
            (Method::DELETE, &path),
            (Method::PATCH, &path),
        ] {
            let answer = saying(&ada, &headers).send(method.clone(), path, String::new()).await;
            let what = format!("{method} {path} {headers:?}");
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, code), "{what}");
            assert!(answer.set_cookies().is_empty(), "{what}: {answer:?}");
        }
    }
    for session in [&session, &other] {
        assert_eq!(world.revoked_reason(session).await, None);
    }
    // The field of a form stands in for the header, so that a page works without JavaScript in an old browser.
    let form = ada.clone().without_fetch_metadata().with_header("content-type", "application/x-www-form-urlencoded");
    let refused = form.clone().post("/auth/logout", "csrf_token=AAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(refused.code(), "csrf_token");
    let body = format!("csrf_token={}", ada.cookies[CSRF]);
    let answer = form.clone().post("/auth/logout", body).await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{answer:?}");
    assert_eq!(world.revoked_reason(&session).await.as_deref(), Some("sign_out"));
}
