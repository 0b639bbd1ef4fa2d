//! A route wants a recent sign-in: `max_age`.

use std::time::Duration;

use serde_json::json;

use super::site::{Site, cookies_of, parameter, went_to};

const AGAIN: &str = "return_to=/vault&max_age=300";

#[tokio::test]
async fn the_same_person_signs_in_again() {
    let site = Site::start().await;
    let first = cookies_of(&site.sign_in("remember=true").await);
    let old = site.me(&first).await;
    let label = json!({ "label": "desk" });
    let path = format!("/auth/sessions/{}", old["id"].as_str().unwrap());
    let renamed = site.origin.browser("PATCH", &path).same_site().cookie(&first).json(&label);
    assert_eq!(renamed.send().await.status, 200);
    site.origin.wait(Duration::from_mins(6));
    let answer = site.sign_in_with(AGAIN, &first).await;
    went_to(&answer, "/vault");
    let new = site.me(&cookies_of(&answer)).await;
    assert_ne!(new["id"], old["id"]);
    assert_eq!((&new["label"], &new["authenticated_at"]), (&json!("desk"), &json!("2026-06-01T12:06:00.000Z")));
    assert_eq!(site.shown(old["id"].as_str().unwrap()).await["revoked_reason"], "rotation");
}

#[tokio::test]
async fn nobody_else_signs_in_instead() {
    let site = Site::start().await;
    let first = cookies_of(&site.sign_in("").await);
    let old = site.me(&first).await["id"].as_str().unwrap().to_owned();
    site.origin.wait(Duration::from_mins(6));
    site.provider.plan(|plan| plan.claims = json!({ "sub": "eve" }));
    let begun = site.begin(AGAIN, &first).await;
    let back = site.provider.authorize(&begun.location);
    // Also where the browser has lost the old session's cookies on the way.
    let answer = site.come_back(&back, &begun.cookie).await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (400, 0));
    let page = answer.text();
    assert!(page.contains("somebody else") && page.contains("same person"), "{page}");
    assert!(page.contains("/auth/login?return_to=%2Fvault&#38;max_age=300"), "{page}");
    assert_eq!(site.failures().await, ["example another_actor"]);
    assert_eq!((site.under_way().await, &site.shown(&old).await["status"]), (0, &json!("live")));
    assert_eq!(site.count("select count(*) from sessions").await, 1);
}

#[tokio::test]
async fn nor_where_somebody_signed_in_while_another_was_on_the_way() {
    let site = Site::start().await;
    let begun = site.begin(AGAIN, "").await;
    let ada = cookies_of(&site.sign_in("").await);
    site.provider.plan(|plan| plan.claims = json!({ "sub": "eve" }));
    let back = site.provider.authorize(&begun.location);
    let answer = site.come_back(&back, &format!("{ada}; {}", begun.cookie)).await;
    assert_eq!(answer.status, 400);
    assert_eq!(site.failures().await, ["example another_actor"]);
    assert_eq!(site.me(&ada).await["actor_id"], "ada");
}

#[tokio::test]
async fn who_is_signed_out_just_signs_in() {
    let site = Site::start().await;
    let first = cookies_of(&site.sign_in("").await);
    site.origin.wait(Duration::from_hours(2));
    site.provider.plan(|plan| plan.claims = json!({ "sub": "eve" }));
    assert_eq!(site.me(&cookies_of(&site.sign_in_with(AGAIN, &first).await)).await["actor_id"], "eve");
}

#[tokio::test]
async fn a_password_may_take_its_time() {
    let site = Site::start().await;
    for (query, at, status) in [
        // The provider asked for a password; the consent page then stood there for minutes.
        ("max_age=0", 0, 303),
        ("max_age=0", -59, 303),
        ("max_age=0", -61, 400),
        ("max_age=300", -360, 303),
        ("max_age=300", -361, 400),
        ("", -100_000, 303),
    ] {
        let begun = site.begin(query, "").await;
        let began_at = site.origin.clock.now().as_u64().cast_signed() / 1_000;
        site.origin.wait(Duration::from_mins(5));
        site.provider.plan(|plan| plan.claims = json!({ "auth_time": began_at + at }));
        let answer = site.come_back(&site.provider.authorize(&begun.location), &begun.cookie).await;
        assert_eq!(answer.status, status, "{query} {at}: {:?}", site.failures().await);
    }
}

#[tokio::test]
async fn an_age_that_is_none_is_none() {
    let site = Site::start().await;
    for odd in ["max_age=soon", "max_age=-1", "max_age=", "max_age=99999999999999999999"] {
        let begun = site.begin(odd, "").await;
        assert_eq!(parameter(&begun.location, "max_age").unwrap(), "28800", "{odd}");
    }
}
