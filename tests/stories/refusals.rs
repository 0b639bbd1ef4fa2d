//! What somebody who is refused gets to see.

use reqwest::Method;
use sealgate_tests::stack::Stack;

#[tokio::test]
async fn a_script_gets_a_problem_document_and_a_person_the_way_to_sign_in() {
    let stack = Stack::start().await;
    let script = stack.browser().get("/page").await;
    assert_eq!(script.status, 401);
    assert_eq!(script.code(), "missing");
    assert_eq!(script.header("cache-control"), Some("no-store"));
    assert_eq!(script.header("www-authenticate"), Some("Cookie cookie-name=\"__Host-sg\""));
    assert!(script.set_cookies().is_empty());

    let person = stack.browser().navigating().get("/page").await;
    assert_eq!((person.status.as_u16(), person.header("location")), (302, Some("/auth/login?return_to=/page")));
    let form = stack.browser().navigating().send(Method::POST, "/page", String::new()).await;
    assert_eq!(form.code(), "missing");
}

#[tokio::test]
async fn somebody_going_round_is_told_after_three_times() {
    let stack = Stack::start().await;
    let mut browser = stack.browser().navigating();
    for _ in 0..3 {
        assert_eq!(browser.get("/page").await.status, 302);
    }
    let told = browser.get("/page").await;
    assert_eq!((told.status.as_u16(), told.header("content-type")), (401, Some("text/html; charset=utf-8")));
    assert!(told.body.contains("did not hold"), "{}", told.body);
    assert_eq!(browser.get("/another").await.status, 302, "another page is another matter");
}

#[tokio::test]
async fn too_many_cookies_are_refused_by_name() {
    let stack = Stack::start().await;
    let answer = stack.browser().with_cookie("a", &"x".repeat(8_192)).get("/").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (431, "cookie_too_large"));
}

#[tokio::test]
async fn an_error_of_the_origin_comes_through_as_it_is() {
    let stack = Stack::start().await;
    let answer = stack.browser().get("/auth/nothing").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"));
}
