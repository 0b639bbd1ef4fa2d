//! The cookie that binds a sign-in under way to its browser: between the browser and the origin, and nobody else.

use sealgate_test_database::Engine;
use sealgate_tests::upstream::ANSWER_WITH;

use super::Site;

const LOGIN: &str = "__Host-sg_login";
const OTHER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn it_goes_from_the_browser_to_the_origin_and_back() {
    let site = Site::start_on(Engine::Sqlite).await;
    let mut ada = site.browser().with_cookie("theme", "dark");
    let first = site.go_and_come_back(&mut ada, "ada", "sid-1").await;
    let binding = ada.cookies[LOGIN].clone();
    assert_eq!(binding.len(), 43, "32 bytes");
    // Another tab: the same browser, and so the same cookie.
    let second = site.go_and_come_back(&mut ada, "ada", "sid-1").await;
    assert_eq!(ada.cookies[LOGIN], binding);

    // The application sees the others alone, on whatever path.
    for path in ["/public", "/public?__Host-sg_login=1"] {
        let page = ada.get(path).await;
        assert_eq!(page.seen_all("cookie"), ["theme=dark"], "{path}");
    }
    // Nor can it plant one: it would bind a sign-in that somebody else has begun.
    let mut planted =
        site.browser().with_header(ANSWER_WITH, &format!("set-cookie: {LOGIN}={OTHER}; Path=/; Secure; HttpOnly"));
    let page = planted.get("/public").await;
    assert_eq!(page.status, 200);
    assert!(page.set_cookies().is_empty(), "{page:?}");
    let request = ada.clone().with_header(ANSWER_WITH, &format!("set-cookie: {LOGIN}=; Path=/; Max-Age=0; Secure"));
    let mut cleared = request;
    cleared.get("/public").await;
    assert_eq!(cleared.cookies.get(LOGIN), Some(&binding), "nor take one away");

    // The tab that comes back first, and the other one.
    for back in [first, second] {
        let answer = ada.get(&back.target()).await;
        assert_eq!(answer.status, 303, "{answer:?}");
    }
    let page = ada.get("/orders").await;
    assert_eq!(
        (page.seen("x-sealgate-actor-id").as_deref(), page.seen_all("cookie")),
        (Some("ada"), vec!["theme=dark".to_owned()])
    );
}

#[tokio::test]
async fn a_sign_in_that_somebody_else_began_is_not_completed() {
    let site = Site::start_on(Engine::Sqlite).await;
    let (mut eve, mut ada) = (site.browser(), site.browser());
    // Eve has begun, has not come back, and gives Ada her link.
    let back = site.go_and_come_back(&mut eve, "eve", "sid-1").await;
    let answer = ada.get(&back.target()).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    // Also where Ada has begun to sign in herself.
    let own = site.go_and_come_back(&mut ada, "ada", "sid-2").await;
    assert_eq!(ada.get(&back.target()).await.status, 400);
    assert!(!ada.cookies.contains_key("__Host-sg"));
    let answer = ada.get(&own.target()).await;
    assert_eq!(answer.status, 303, "her own is not touched by it: {answer:?}");
}
