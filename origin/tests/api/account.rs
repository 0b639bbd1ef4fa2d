//! `/auth/account`: the page of one's devices. How it looks and feels is told in `tests/browser/account.test.mjs`.

use std::time::Duration;

use serde_json::{Value, json};

use super::auth_logout::CLEARED;
use crate::kit::{Answer, Minted, Origin};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn show(origin: &Origin, own: &Minted, query: &str) -> String {
    let answer = origin.browser("GET", &format!("/auth/account{query}")).cookie(&own.cookie).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

async fn send(origin: &Origin, own: &Minted, path: &str, fields: &str) -> Answer {
    let form = format!("csrf_token={}&{fields}", own.body["csrf_token"].as_str().unwrap());
    origin.browser("POST", &format!("/auth/account/{path}")).cookie(&own.cookie).form(&form).send().await
}

#[track_caller]
fn leads_to(answer: &Answer, location: &str) {
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.headers["location"], location);
}

async fn label(origin: &Origin, minted: &Minted) -> Value {
    origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json()["label"].clone()
}

#[tokio::test]
async fn the_page_is_locked_down_and_shows_ones_own_devices() {
    let origin = Origin::start().await;
    let phone = origin.mint_with(json!({ "label": "phone", "user_agent": FIREFOX })).await;
    let bob = origin.mint_with(json!({ "actor_id": "bob", "label": "bobs" })).await;
    origin.wait(Duration::from_mins(5));
    let own = origin.mint().await;
    let answer = origin.browser("GET", "/auth/account").cookie(&own.cookie).send().await;
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
    assert_eq!(answer.headers["x-frame-options"], "DENY");
    let page = answer.text();
    for part in [
        "<html lang=\"en\">",
        "<h1>Your devices</h1>",
        "<bdi>phone</bdi>",
        "<p class=\"about\">Firefox on Linux</p>",
        "<time datetime=\"2026-06-01T12:00:00.000Z\" title=\"1 June 2026, 12:00 UTC\">1 Jun 2026</time>",
        "<time datetime=\"2026-06-01T12:00:00.000Z\" title=\"1 June 2026, 12:00 UTC\">5 minutes ago</time>",
        &format!("action=\"/auth/account/sessions/{}/end\"", phone.id),
        &format!("name=\"csrf_token\" value=\"{}\"", own.body["csrf_token"].as_str().unwrap()),
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains(" onclick"));
    assert!(!page.contains(&bob.id) && !page.contains("bobs"));
    assert!(!page.contains(&format!("/sessions/{}/end", own.id)), "this one has a button of its own");
    assert_eq!(page.matches("<h1").count(), 1);
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let origin = Origin::start().await;
    let (own, ended) = (origin.mint().await, origin.mint().await);
    origin.v1("DELETE", &format!("/v1/sessions/{}", ended.id)).send().await;
    let sign_in = "/auth/login?return_to=/auth/account";
    leads_to(&origin.browser("GET", "/auth/account").send().await, sign_in);
    leads_to(&origin.browser("GET", "/auth/account").cookie(&ended.cookie).send().await, sign_in);
    for path in [&format!("sessions/{}/end", own.id), "sign-out-others", &format!("sessions/{}/label", own.id)] {
        leads_to(&send(&origin, &ended, path, "label=x").await, sign_in);
    }
    assert_eq!(origin.check(&own.id).await, "live");
}

#[tokio::test]
async fn a_device_is_signed_out_and_the_page_says_so() {
    let origin = Origin::start().await;
    let (own, phone) = (origin.mint().await, origin.mint().await);
    let path = format!("sessions/{}/end", phone.id);
    leads_to(&send(&origin, &own, &path, "").await, "/auth/account?note=ended");
    assert_eq!(origin.check(&phone.id).await, "revoked");
    let page = show(&origin, &own, "?note=ended").await;
    assert!(page.contains("role=\"status\"") && page.contains("that device is signed out"), "{page}");
    assert!(page.contains("You are signed in nowhere else."), "{page}");
    // It was gone already: another tab, or another person of the family.
    leads_to(&send(&origin, &own, &path, "").await, "/auth/account?note=gone");
    leads_to(&send(&origin, &own, "sessions/nonsense/end", "").await, "/auth/account?note=gone");
    assert!(show(&origin, &own, "?note=gone").await.contains("signed out already"));
    let bob = origin.mint_with(json!({ "actor_id": "bob" })).await;
    leads_to(&send(&origin, &own, &format!("sessions/{}/end", bob.id), "").await, "/auth/account?note=gone");
    assert_eq!(origin.check(&bob.id).await, "live");
    let here = send(&origin, &own, &format!("sessions/{}/end", own.id), "").await;
    assert_eq!(here.set_cookies(), CLEARED);
}

#[tokio::test]
async fn all_others_are_signed_out() {
    let origin = Origin::start().await;
    let (own, phone, tablet) = (origin.mint().await, origin.mint().await, origin.mint().await);
    leads_to(&send(&origin, &own, "sign-out-others", "").await, "/auth/account?note=ended-others");
    for (minted, standing) in [(&own, "live"), (&phone, "revoked"), (&tablet, "revoked")] {
        assert_eq!(origin.check(&minted.id).await, standing);
    }
    leads_to(&send(&origin, &own, "sign-out-others", "").await, "/auth/account?note=no-others");
}

#[tokio::test]
async fn a_device_is_named_and_mistakes_are_shown_where_they_were_made() {
    let origin = Origin::start().await;
    let (own, phone) = (origin.mint().await, origin.mint().await);
    let path = format!("sessions/{}/label", phone.id);
    leads_to(&send(&origin, &own, &path, "label=+Ada%27s+phone+").await, "/auth/account?note=labelled");
    assert_eq!(label(&origin, &phone).await, "Ada's phone");
    for wrong in [format!("label={}", "x".repeat(65)), "label=a%07%22%3E%3Cb%3E".to_owned()] {
        let answer = send(&origin, &own, &path, &wrong).await;
        assert_eq!(answer.status, 422);
        let page = answer.text();
        assert!(
            page.contains("role=\"alert\"")
                && page.contains("aria-invalid=\"true\"")
                && page.contains("<details open>")
        );
        assert!(!page.contains("<b>"), "{page}");
        assert_eq!(label(&origin, &phone).await, "Ada's phone");
    }
    leads_to(&send(&origin, &own, &path, "label=+").await, "/auth/account?note=unlabelled");
    assert_eq!(label(&origin, &phone).await, Value::Null);
    origin.v1("DELETE", &format!("/v1/sessions/{}", phone.id)).send().await;
    leads_to(&send(&origin, &own, &path, "label=x").await, "/auth/account?note=gone");
}

#[tokio::test]
async fn names_are_shown_as_they_are_and_do_nothing() {
    let origin = Origin::start().await;
    let own = origin.mint().await;
    for name in ["<script>alert(1)</script>", "\"><img src=x>", "\u{202e}evil", "x' autofocus onfocus='alert(1)"] {
        origin.mint_with(json!({ "label": name })).await;
    }
    let page = show(&origin, &own, "?note=%3Cscript%3E").await;
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("onfocus='"), "{page}");
    assert!(page.contains("<bdi>\u{202e}evil</bdi>"), "on its own, whichever way it runs");
    assert!(!page.contains("role=\"status\""), "a note that is none of ours");
}

#[tokio::test]
async fn a_page_bears_many_devices() {
    let origin = Origin::start_with(|config| config.sessions_per_actor = 1_000).await;
    let own = origin.mint().await;
    origin.wait(Duration::from_mins(1));
    for _ in 0..200 {
        origin.mint().await;
    }
    let page = show(&origin, &own, "").await;
    assert_eq!(page.matches("<li class=\"device\">").count(), 200);
    assert!(!page.contains("There are more"));
    origin.mint().await;
    let page = show(&origin, &own, "").await;
    assert_eq!(page.matches("<li class=\"device\">").count(), 200);
    assert!(page.contains("There are more") && page.contains("This device"));
}
