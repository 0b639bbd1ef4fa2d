//! `/auth/login` where people sign in by providers.

use sealgate_origin::store::ProviderChange;

use super::site::Site;
use crate::kit::{Ask, Origin};

async fn show(origin: &Origin, query: &str, cookies: &str) -> String {
    let ask = origin.browser("GET", &format!("/auth/login{query}"));
    let answer = if cookies.is_empty() { ask } else { ask.cookie(cookies) }.send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

#[tokio::test]
async fn the_ways_in_are_links_that_keep_where_somebody_was_going() {
    let site = Site::configured(|config| config.dev_sign_in = false, |_| {}, None).await;
    let page = show(&site.origin, "?return_to=/orders%3Fa=1%26b=2&max_age=300", "").await;
    let link = "href=\"/auth/oidc/example/login?return_to=%2Forders%3Fa%3D1%26b%3D2&#38;max_age=300";
    assert!(page.contains(&format!("{link}\"")), "{page}");
    assert!(page.contains(&format!("{link}&#38;remember=true\"")), "{page}");
    assert!(page.contains("Continue with <bdi>Example</bdi>"));
    assert!(!page.contains("<form") && !page.contains("<script") && !page.contains("break-glass"), "{page}");
    assert!(!page.contains("id=\"stay\" type=\"checkbox\" autocomplete=\"off\" checked"));
}

#[tokio::test]
async fn names_are_text() {
    let site = Site::start_with(|settings| settings.name = "<b>Bold & \"Co\"</b>".to_owned()).await;
    let page = show(&site.origin, "", "").await;
    assert!(page.contains("&#60;b&#62;Bold &#38; &#34;Co&#34;&#60;/b&#62;") && !page.contains("<b>"), "{page}");
}

#[tokio::test]
async fn in_development_there_is_the_form_besides() {
    let site = Site::start().await;
    let page = show(&site.origin, "", "").await;
    assert!(page.contains("Continue with") && page.contains("<form method=\"post\" action=\"/auth/login\">"), "{page}");
}

#[tokio::test]
async fn who_is_disabled_is_not_offered() {
    let site = Site::configured(|config| config.dev_sign_in = false, |_| {}, None).await;
    let (tenant, id) = ("demo".parse().unwrap(), "example".parse().unwrap());
    site.origin.app.office().change_oidc_provider(&tenant, &id, &ProviderChange::Disable).await.unwrap();
    expect_no_way_in(site.origin.browser("GET", "/auth/login")).await;
    site.origin.app.office().change_oidc_provider(&tenant, &id, &ProviderChange::Enable).await.unwrap();
    assert!(show(&site.origin, "", "").await.contains("Continue with"));
    let elsewhere = site.origin.browser("GET", "/auth/login").header("x-sealgate-tenant", "other");
    expect_no_way_in(elsewhere.header("x-sealgate-host", "other.test")).await;
}

/// A page for people, and no way in on it.
pub(crate) async fn expect_no_way_in(asked: Ask) {
    let answer = asked.send().await;
    let page = answer.text();
    assert_eq!(answer.status, 404, "{page}");
    assert!(page.contains("There is no way to sign in here") && !page.contains("<form"), "{page}");
    assert!(!page.contains("break-glass"), "{page}");
}

#[tokio::test]
async fn who_signs_in_again_is_told_as_whom() {
    let site = Site::configured(|config| config.dev_sign_in = false, |_| {}, None).await;
    let old = site.origin.mint_with(serde_json::json!({ "remember": true })).await;
    site.origin.wait(std::time::Duration::from_mins(6));
    let page = show(&site.origin, "?return_to=/vault&max_age=300", &old.cookie).await;
    assert!(page.contains("Sign in again") && page.contains("<bdi>ada</bdi>"), "{page}");
    assert!(page.contains("autocomplete=\"off\" checked"), "{page}");
}

#[tokio::test]
async fn nobody_posts_where_there_is_no_form() {
    let site = Site::configured(|config| config.dev_sign_in = false, |_| {}, None).await;
    site.origin.browser("POST", "/auth/login").form("name=ada").refused(404, "not_found").await;
}
