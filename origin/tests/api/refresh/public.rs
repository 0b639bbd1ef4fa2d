//! `POST /auth/refresh` in a browser.

use std::time::Duration;

use serde_json::{Value, json};

use super::{FIREFOX, generation, mint, refresh_token, show};
use crate::kit::{Ask, Minted, Origin};

/// A page of the site asks, with these refresh tokens among the cookies.
fn post(origin: &Origin, tokens: &[&str]) -> Ask {
    let cookies: Vec<String> = tokens.iter().map(|token| format!("__Host-sg_refresh={token}")).collect();
    let ask = origin.browser("POST", "/auth/refresh").header("user-agent", FIREFOX);
    ask.same_site().cookie(&format!("theme=dark; {}", cookies.join("; ")))
}

#[tokio::test]
async fn a_page_may_refresh_and_sees_no_token() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let held = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let answer = post(&origin, &[&held]).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["csrf_token", "session"]);
    assert_eq!(body["session"]["id"], minted.id.as_str());
    assert!(!answer.text().contains("r1.") && !answer.text().contains("v1."));
    let lines = answer.set_cookies();
    assert_eq!(lines[2].split(['=', ';']).nth(1), body["csrf_token"].as_str());
    // As the edge is told for the pages behind it.
    assert_eq!(json!(lines), show(&origin, &held).await["set_cookie"]);
    let cookie = lines[0].split(';').next().unwrap();
    let me = origin.browser("GET", "/auth/session").cookie(cookie).send().await.json();
    assert_eq!(me["session"], body["session"]);
    assert_eq!(me["csrf_token"], body["csrf_token"]);
}

#[tokio::test]
async fn a_refusal_says_why_and_takes_no_cookie_away() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let held = refresh_token(&minted.body);
    let refused = async |tokens: &[&str], code: &str| {
        let answer = post(&origin, tokens).refused(401, code).await;
        assert_eq!(answer.set_cookies(), Vec::<String>::new(), "{code}");
        assert!(answer.headers.contains_key("www-authenticate"), "{code}");
    };
    refused(&[], "missing").await;
    refused(&["r1.a.b"], "malformed").await;
    refused(&[&minted.access], "malformed").await;
    let (start, mac) = held.rsplit_once('.').unwrap();
    refused(&[&format!("{start}.{}", crate::kit::bend(mac))], "bad_mac").await;
    let other = refresh_token(&mint(&origin).await.body);
    refused(&[&held, &other], "ambiguous_session").await;
    assert_eq!(generation(&origin, &minted.id).await, 0);
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    refused(&[&held], "revoked").await;
    origin.wait(Duration::from_hours(1));
    refused(&[&other], "expired").await;
}

#[tokio::test]
async fn of_two_of_one_session_the_newer_counts() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let mut held = vec![refresh_token(&minted.body)];
    for _ in 0..2 {
        origin.wait(Duration::from_mins(16));
        let answer = show(&origin, held.last().unwrap()).await;
        held.push(answer["refresh_token"].as_str().unwrap().to_owned());
    }
    let answer = post(&origin, &["planted", &held[0], &held[2]]).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(generation(&origin, &minted.id).await, 2);
    assert_eq!(origin.check(&minted.id).await, "live");
}

fn csrf(origin: &Origin, minted: &Minted) -> Ask {
    let token = format!("__Host-sg_refresh={}", refresh_token(&minted.body));
    origin.browser("POST", "/auth/refresh").cookie(&token)
}

#[tokio::test]
async fn another_site_cannot_have_it_done() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        csrf(&origin, &minted).header(name, value).refused(403, "cross_site").await;
    }
    csrf(&origin, &minted).refused(403, "csrf_token").await;
    let token = minted.body["csrf_token"].as_str().unwrap();
    csrf(&origin, &minted).header("x-csrf-token", &crate::kit::bend(token)).refused(403, "csrf_token").await;
    let answer = csrf(&origin, &minted).header("x-csrf-token", token).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    origin.browser("GET", "/auth/refresh").refused(405, "method_not_allowed").await;
}

#[tokio::test]
async fn who_shows_a_bearer_token_has_no_cookies() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let answer = post(&origin, &[&refresh_token(&minted.body)]).bearer("v1.a.b.c").refused(401, "missing").await;
    assert_eq!(answer.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
    let ask = post(&origin, &[&refresh_token(&minted.body)]).json(&json!({ "refresh_token": Value::Null }));
    ask.refused_field("invalid_field", "refresh_token").await;
    let ask = post(&origin, &[&refresh_token(&minted.body)]).json(&json!({ "refresh_token": "r1", "more": 1 }));
    ask.refused_field("unknown_field", "more").await;
    post(&origin, &[]).body("{}").refused(415, "content_type").await;
}
