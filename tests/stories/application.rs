//! An application that signs people in by itself, and the guard on its `Set-Cookie` lines.

use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::stack::Stack;
use serde_json::Value;

fn lines(minted: &Value) -> Vec<String> {
    minted["set_cookie"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

/// Has the application answer with these lines.
async fn answer_with(mut browser: Browser, lines: &[String]) -> (Answer, Browser) {
    for line in lines {
        browser = browser.with_header("x-answer-with", &format!("set-cookie: {line}"));
    }
    let answer = browser.get("/public/login").await;
    (answer, browser)
}

#[tokio::test]
async fn the_lines_of_a_fresh_session_pass_and_sign_the_browser_in() {
    let stack = Stack::start().await;
    let mut all = lines(&stack.origin.mint("ada").await);
    all.push("theme=dark; Path=/".to_owned());
    let (answer, browser) = answer_with(stack.browser(), &all).await;
    assert_eq!(answer.set_cookies(), all);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut next = stack.browser();
    next.cookies = browser.cookies;
    assert_eq!(next.get("/").await.seen("x-sealgate-actor-id").as_deref(), Some("ada"));
}

#[tokio::test]
async fn an_application_cannot_plant_copy_prolong_or_clear_our_cookies() {
    let stack = Stack::start().await;
    let access = lines(&stack.origin.mint("ada").await).remove(0);
    for planted in [
        "__Host-sg=x; Path=/; Secure; HttpOnly; SameSite=Lax".to_owned(),
        "__Host-sg=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0".to_owned(),
        "__Host-sg_csrf=x; Path=/; Secure; SameSite=Lax".to_owned(),
        "__Host-sg_refresh=x; Path=/; Secure; HttpOnly; SameSite=Lax".to_owned(),
        access.replace("; Secure", ""),
        access.replace("; HttpOnly", ""),
        format!("{access}; Domain=test"),
        format!("={access}"),
    ] {
        let (answer, _) = answer_with(stack.browser(), &[planted.clone(), "theme=dark".to_owned()]).await;
        assert_eq!(answer.set_cookies(), ["theme=dark"], "{planted}");
    }
}

#[tokio::test]
async fn a_session_that_is_no_longer_new_or_was_revoked_is_not_set_again() {
    let stack = Stack::start().await;
    let (old, revoked) = (stack.origin.mint("ada").await, stack.origin.mint("bob").await);
    let path = format!("/v1/sessions/{}", revoked["session"]["id"].as_str().unwrap());
    stack.origin.ask(reqwest::Method::DELETE, &path, None).await;
    let (answer, _) = answer_with(stack.browser(), &lines(&revoked)).await;
    assert_eq!(answer.set_cookies(), Vec::<String>::new());

    stack.advance(std::time::Duration::from_mins(1)).await;
    let (answer, _) = answer_with(stack.browser(), &lines(&old)).await;
    assert_eq!(answer.set_cookies(), Vec::<String>::new());
}
