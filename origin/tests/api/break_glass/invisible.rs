//! As long as nobody has a password there is nothing there, and afterwards again.

use super::*;

#[track_caller]
fn same(one: &Answer, other: &Answer, what: &str) {
    assert_eq!((one.status, &one.body), (other.status, &other.body), "{what}");
    let headers = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        headers
    };
    assert_eq!(headers(one), headers(other), "{what}");
}

/// Whatever is asked of the path is answered as if it were any other.
async fn there_is_nothing(origin: &Origin, tenant: &str) {
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let ask = |path: &str| origin.browser(method, path).header("x-sealgate-tenant", tenant);
        same(&ask(PATH).send().await, &ask("/auth/break-stone").send().await, method);
        same(&ask(PATH).send().await, &origin.public(method, "/auth/break-stone").send().await, method);
    }
    let post = |path: &str| origin.browser("POST", path).header("x-sealgate-tenant", tenant);
    let nothing = post("/auth/break-stone").send().await;
    let form = format!("name=ada&password={}", RIGHT.replace(' ', "+"));
    for (ask, what) in [
        (post(PATH).form(&form), "a form"),
        (post(PATH).form(&form).header("sec-fetch-site", "cross-site"), "another site's form"),
        (post(PATH).json(&"x".into()), "no form"),
        (post(PATH).form(&"a".repeat(70_000)), "a large form"),
        (post(&format!("{PATH}?return_to=/&return_to=%FF")), "an odd query"),
    ] {
        same(&ask.send().await, &nothing, what);
    }
}

#[tokio::test]
async fn without_an_account_it_is_not_there() {
    let origin = Origin::start().await;
    there_is_nothing(&origin, "demo").await;
    assert_eq!(origin.app.office().password_runs(), 0, "and costs nothing");
    set(&origin, "ada", RIGHT).await;
    assert_eq!(origin.browser("GET", PATH).send().await.status, 200);
    // Another tenant has none because of it.
    there_is_nothing(&origin, "other").await;
    let (tenant, ada) = ("demo".parse().unwrap(), "ada".parse().unwrap());
    origin.app.office().remove_break_glass(&tenant, &ada).await.unwrap().unwrap();
    there_is_nothing(&origin, "demo").await;
}

#[tokio::test]
async fn only_an_edge_that_has_proved_itself_asks() {
    let origin = start().await;
    origin.public("GET", PATH).refused(401, "edge_credential").await;
    origin.public("POST", PATH).header("x-sealgate-tenant", "demo").refused(401, "edge_credential").await;
}

#[tokio::test]
async fn with_an_account_other_methods_are_told() {
    let origin = start().await;
    let answer = origin.browser("PUT", PATH).refused(405, "method_not_allowed").await;
    assert_eq!(answer.headers["allow"], "GET, HEAD, POST");
}

#[tokio::test]
async fn the_page_needs_no_script_and_works_with_password_managers() {
    let origin = start().await;
    let answer = origin.browser("GET", &format!("{PATH}?return_to=/account&max_age=60")).send().await;
    assert_eq!(answer.status, 200);
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    for part in ["default-src 'none'", "style-src 'sha256-", "form-action 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    let page = answer.text();
    for part in [
        "<html lang=\"en\">",
        "name=\"viewport\"",
        "autocomplete=\"username\"",
        "type=\"password\" required maxlength=\"128\"\n      autocomplete=\"current-password\"",
        "<label for=\"password\">",
        "name=\"return_to\" value=\"/account\"",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("role=\"alert\""));
}
