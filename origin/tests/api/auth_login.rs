//! `/auth/login` in development.

use axum::http::StatusCode;

use crate::kit::{Answer, Origin};

async fn post(origin: &Origin, form: &str) -> Answer {
    origin.browser("POST", "/auth/login").form(form).send().await
}

#[tokio::test]
async fn anybody_signs_in_and_goes_back_to_where_they_were() {
    let origin = Origin::start().await;
    let answer = post(&origin, "name=ada&return_to=%2Faccount%3Ftab%3D1").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.headers["location"], "/account?tab=1");
    let cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 3);
    let cookie = cookies[0].split(';').next().unwrap();
    let me = origin.browser("GET", "/auth/session").cookie(cookie).send().await.json();
    assert_eq!((&me["session"]["actor_type"], &me["session"]["actor_id"]), (&"user".into(), &"ada".into()));
    assert_eq!(me["session"]["remember"], false);
    assert!(!cookies[0].contains("Max-Age"));
    let answer = post(&origin, "name=+ada+&remember=on").await;
    assert!(answer.set_cookies()[0].contains("Max-Age=1209600"));
    assert_eq!(answer.headers["location"], "/");
}

#[tokio::test]
async fn the_page_is_locked_down_and_works_without_scripts() {
    let origin = Origin::start().await;
    let answer = origin.browser("GET", "/auth/login?return_to=/account").send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    for part in
        ["default-src 'none'", "style-src 'sha256-", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"));
    assert_eq!(answer.headers["x-frame-options"], "DENY");
    let page = answer.text();
    assert!(page.contains("<html lang=\"en\">") && page.contains("name=\"viewport\""));
    assert!(page.contains("<label for=\"name\">") && page.contains("value=\"/account\""));
    assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains(" onclick"));
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_asked_for_again_with_everything_escaped() {
    let origin = Origin::start().await;
    let hostile = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E+x";
    let answer = post(&origin, &format!("name={hostile}&return_to=%2F%22%3E%3Cb%3E&remember=on")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text();
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{page}");
    assert!(page.contains("role=\"alert\"") && page.contains("aria-invalid=\"true\"") && page.contains(" checked"));
    assert!(answer.set_cookies().is_empty());
    for form in ["", "name=", "name=a+b", "name=%C3%A4", &format!("name={}", "a".repeat(129))] {
        assert_eq!(post(&origin, form).await.status, 422, "{form}");
    }
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let origin = Origin::start().await;
    for hostile in [
        "//evil.test",
        "%2F%2Fevil.test",
        "%2F%5Cevil.test",
        "%5C%2Fevil.test",
        "https%3A%2F%2Fevil.test",
        "javascript%3Aalert(1)",
        "%2F%09%2Fevil.test",
        "%2F%0A%2Fevil.test",
        "%2Fa%0D%0ASet-Cookie%3A+x%3Dy",
        "%20%2F%2Fevil.test",
        "evil.test",
        "",
    ] {
        let answer = post(&origin, &format!("name=ada&return_to={hostile}")).await;
        assert_eq!((answer.status.as_u16(), answer.headers["location"].to_str().unwrap()), (303, "/"), "{hostile}");
        let page = origin.browser("GET", &format!("/auth/login?return_to={hostile}")).send().await.text();
        assert!(page.contains("name=\"return_to\" value=\"/\""), "{hostile}");
    }
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_in() {
    let origin = Origin::start().await;
    let ask = || origin.browser("POST", "/auth/login").form("name=eve");
    ask().header("sec-fetch-site", "cross-site").refused(403, "cross_site").await;
    ask().header("origin", "null").refused(403, "cross_site").await;
}

#[tokio::test]
async fn the_form_is_a_form_of_bounded_size() {
    let origin = Origin::start().await;
    origin.browser("POST", "/auth/login").json(&"x".into()).refused(415, "content_type").await;
    let large = format!("name={}", "a".repeat(64 * 1024));
    origin.browser("POST", "/auth/login").form(&large).refused(413, "body_too_large").await;
    origin.public("GET", "/auth/login").refused(401, "edge_credential").await;
}

#[tokio::test]
async fn without_the_development_sign_in_there_is_no_form() {
    let origin = Origin::start_with(|config| config.dev_sign_in = false).await;
    super::oidc::page::expect_no_way_in(origin.browser("GET", "/auth/login")).await;
    origin.browser("POST", "/auth/login").form("name=ada").refused(404, "not_found").await;
}
