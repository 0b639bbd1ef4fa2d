//! Routes that want a recent sign-in.

use core::num::NonZeroU32;

use super::*;
use crate::sample::csrf_token;

/// A request of somebody who proved who they are so many milliseconds ago.
fn ask(path: &str, milliseconds: u64) -> Verdict {
    let mut claims = claims(SESSION);
    claims.authenticated_at = NOW.minus(milliseconds);
    let (url, cookies) = (format!("https://app.example{path}"), cookie(&claims));
    door().decide(&get(&url, &cookies), None)
}

fn stale(seconds: u32) -> Verdict {
    Verdict::Refuse(Denial { max_age_s: NonZeroU32::new(seconds), ..Refusal::NotFresh.into() })
}

#[test]
fn whoever_signed_in_a_short_while_ago_goes_on() {
    forwarded(ask("/fresh/a", 0));
    forwarded(ask("/fresh/a", 299_999));
    assert_eq!(ask("/fresh/a", 300_000), stale(300));
    forwarded(ask("/fresh/er", 59_999));
    assert_eq!(ask("/fresh/er", 60_000), stale(60));
    assert_eq!(ask("/FRESH/er", 60_000), stale(60), "in any spelling");
    forwarded(ask("/", 86_400_000));
}

#[test]
fn a_path_with_two_readings_wants_the_most_recent() {
    let check = Verdict::Need(check(&claims(SESSION)));
    assert_eq!(ask("/a//b", 0), check, "and the row, as some route does");
    let url = "https://app.example/a//b";
    let live = Some(Outcome::Live(SESSION, NOW));
    let mut claims = claims(SESSION);
    claims.authenticated_at = NOW.minus(60_000);
    assert_eq!(door().decide(&get(url, &cookie(&claims)), live), stale(60));
}

#[test]
fn where_a_request_comes_from_is_looked_at_first() {
    let mut claims = claims(SESSION);
    claims.authenticated_at = NOW.minus(300_000);
    let cookies = cookie(&claims);
    let post = |headers| {
        door().decide(&Incoming { method: "POST", headers, ..get("https://app.example/fresh", &cookies) }, None)
    };
    assert_eq!(post("sec-fetch-site: cross-site"), Verdict::from(Refusal::CrossSite));
    assert_eq!(post(&format!("x-csrf-token: {}", csrf_token(SESSION))), stale(300));
}

#[test]
fn a_bearer_token_has_to_be_as_fresh() {
    let mut claims = claims(SESSION);
    claims.authenticated_at = NOW.minus(300_000);
    let headers = format!("authorization: Bearer {}", crate::sample::bearer_token(&claims));
    let verdict = door().decide(&Incoming { headers: &headers, ..get("https://app.example/fresh", "") }, None);
    assert_eq!(verdict.to_string(), "refuse insufficient_user_authentication bearer 300");
}

#[test]
fn whom_it_is_too_long_ago_is_counted() {
    let mut door = door();
    let mut claims = claims(SESSION);
    claims.authenticated_at = NOW.minus(300_000);
    door.decide(&get("https://app.example/fresh", &cookie(&claims)), None);
    assert_eq!(door.counts.get(Counter::Refuse(Refusal::NotFresh)), 1);
}
