//! Requests whose access token is no good, but whose refresh token may be.

use sealgate_shared::claims::Claims;
use sealgate_shared::id::SessionId;
use sealgate_shared::report::Refresh;
use sealgate_shared::revocation::Revoked;

use super::*;
use crate::refresh::answer::Refreshed;
use crate::sample::{
    IDLE_MS, door_with_keys, expired, refresh, refresh_claims, refresh_cookie, refresh_errand, refresh_under,
    refreshed, refreshed_body,
};

pub(super) const AMBIGUOUS: Verdict =
    Verdict::Refuse(Denial { why: Refusal::Token(Reject::AmbiguousSession), is_bearer: false, max_age_s: None });

pub(super) fn with(access: &Claims, refresh: &str) -> String {
    format!("{}; __Host-sg_refresh={refresh}", cookie(access))
}

pub(super) fn needs_refresh(session: SessionId) -> Verdict {
    Verdict::Need(refresh_errand(session, 0))
}

fn ask(door: &mut Door, cookies: &str, outcome: Option<Outcome>) -> Verdict {
    door.decide(&get(URL, cookies), outcome)
}

/// The origin says no to the sample session's refresh token.
pub(super) fn refuse_with(door: &mut Door, code: &str) -> Outcome {
    let body = format!(r#"{{"status":"refused","code":"{code}","keyring":1}}"#);
    absorb(door, &refresh_errand(SESSION, 0), 200, body.as_bytes(), NOW)
}

pub(super) fn mark(issued_before: UnixMillis) -> Revoked {
    let claims = claims(SESSION);
    let (tenant, actor_type, actor_id) = (claims.tenant, claims.actor_type, claims.actor_id);
    Revoked::Actor { tenant, actor_type, actor_id, except: None, issued_before }
}

pub(super) fn door_that_knows(revoked: &[Revoked]) -> Door {
    let mut door = door();
    absorb(&mut door, &HEAD, 200, &head(at(1), 0, revoked), NOW);
    door
}

#[test]
fn whatever_is_wrong_with_the_access_token_a_good_refresh_token_is_shown_to_the_origin() {
    let good = refresh_cookie(SESSION);
    let mut future = claims(SESSION);
    (future.issued_at, future.expires_at) = (NOW.plus(5_001), NOW.plus(905_001));
    let dead = [RETIRED, REVOKED].map(|number| format!("__Host-sg={}; {good}", token_under(number, &claims(SESSION))));
    let unknown = token(&claims(SESSION)).replace("AQEBAQEBAQE", "AAAAAAAAAAA");
    for cookies in [
        good.clone(),
        format!("{}; {good}", cookie(&expired(SESSION))),
        format!("{}; {good}", cookie(&future)),
        format!("__Host-sg=junk; {good}"),
        format!("__Host-sg={unknown}; {good}"),
        format!("__Host-sg_refresh=junk; {good}"),
        format!("__Host-sg_refresh={}; {good}", refresh_under(REVOKED, &refresh_claims(OTHER_SESSION, 9))),
    ]
    .into_iter()
    .chain(dead)
    {
        assert_eq!(ask(&mut door(), &cookies, None), needs_refresh(SESSION), "{cookies}");
    }
}

#[test]
fn a_good_access_token_is_enough() {
    let cookies = with(&claims(SESSION), &refresh(OTHER_SESSION, 0));
    assert_eq!(header(&forwarded(ask(&mut door(), &cookies, None)), "x-sealgate-session"), Some(&*SESSION.to_string()));
}

#[test]
fn a_refresh_token_that_cannot_be_good_costs_nobody_anything() {
    let forged = format!("{}.{}", refresh(SESSION, 0).rsplit_once('.').unwrap().0, "A".repeat(43));
    let bearer = refresh_under(
        1,
        &sealgate_shared::refresh::RefreshClaims {
            channel: sealgate_shared::refresh::Channel::Bearer,
            ..refresh_claims(SESSION, 0)
        },
    );
    let mut over = refresh_claims(SESSION, 0);
    over.idle_expires_at = NOW;
    for text in [
        "junk".to_owned(),
        forged,
        bearer,
        refresh_under(1, &over),
        refresh_under(REVOKED, &refresh_claims(SESSION, 0)),
    ] {
        let mut door = door();
        let alone = format!("__Host-sg_refresh={text}");
        assert_eq!(ask(&mut door, &alone, None), Verdict::from(Refusal::Missing), "{text}");
        assert_eq!(ask(&mut door, &with(&expired(SESSION), &text), None), rejected(Reject::Expired), "{text}");
    }
}

#[test]
fn a_retired_key_refreshes_still() {
    let text = refresh_under(RETIRED, &refresh_claims(SESSION, 3));
    let errand = Errand::Refresh { tenant: "demo".parse().unwrap(), token: text.clone() };
    assert_eq!(ask(&mut door(), &with(&expired(SESSION), &text), None), Verdict::Need(errand));
}

#[test]
fn with_the_new_cookies_before_its_own_the_request_goes_on() {
    let mut door = door();
    let own = with(&expired(SESSION), &refresh(SESSION, 0));
    assert_eq!(ask(&mut door, &own, None), needs_refresh(SESSION));
    let (lines, pairs) = refreshed(SESSION, 1, NOW);
    let outcome = absorb(&mut door, &refresh_errand(SESSION, 0), 200, &refreshed_body(&lines), NOW);
    assert_eq!(outcome, Outcome::Refreshed);
    let forward = forwarded(ask(&mut door, &format!("{pairs}; theme=dark; {own}"), Some(outcome)));
    assert_eq!(header(&forward, "x-sealgate-session"), Some(&*SESSION.to_string()));
    assert_eq!(header(&forward, "x-sealgate-expires-at"), Some(&*NOW.plus(900_000).as_secs().to_string()));
    assert_eq!(header(&forward, "cookie"), Some("theme=dark"));
    assert_eq!(door.counts.get(Counter::Refresh(Refresh::Ok)), 1);
}

#[test]
fn new_cookies_make_no_request_too_large() {
    let (_, pairs) = refreshed(SESSION, 1, NOW);
    let own = format!("{}; a={}", refresh_cookie(SESSION), "x".repeat(7_900));
    assert_eq!(ask(&mut door(), &own, None), needs_refresh(SESSION));
    let cookies = format!("{pairs}; {own}");
    assert!(cookies.len() > 8_192);
    forwarded(ask(&mut door(), &cookies, Some(Outcome::Refreshed)));
    assert_eq!(ask(&mut door(), &cookies, None), Verdict::from(Refusal::CookieTooLarge));
}

#[test]
fn what_the_origin_refuses_is_said_and_remembered_until_the_token_is_over() {
    for (code, reject) in [
        ("revoked", Reject::Revoked),
        ("reuse", Reject::Revoked),
        ("expired", Reject::Expired),
        ("history_lost", Reject::Expired),
        ("bad_mac", Reject::BadMac),
        ("unknown_kid", Reject::UnknownKid),
    ] {
        let (mut door, cookies) = (door(), with(&expired(SESSION), &refresh(SESSION, 0)));
        let outcome = refuse_with(&mut door, code);
        assert_eq!(outcome, Outcome::Refused(reject));
        assert_eq!(ask(&mut door, &cookies, Some(outcome)), rejected(reject), "{code}");
        assert_eq!(door.counts.get(Counter::Refresh(Refresh::Known)), 0);
        for milliseconds in [0, 60_000, IDLE_MS - 1] {
            let later = Incoming { now: NOW.plus(milliseconds), ..get(URL, &cookies) };
            assert_eq!(door.decide(&later, None), rejected(reject), "{code}");
        }
        let later = Incoming { now: NOW.plus(IDLE_MS), ..get(URL, &cookies) };
        assert_eq!(door.decide(&later, None), rejected(Reject::Expired), "{code}");
        let counts = [Refresh::Refused, Refresh::Known].map(|counted| door.counts.get(Counter::Refresh(counted)));
        assert_eq!(counts, [1, 3]);
        // Another token of the session is another question.
        let cookies = with(&expired(SESSION), &refresh(SESSION, 1));
        assert_eq!(ask(&mut door, &cookies, None), Verdict::Need(refresh_errand(SESSION, 1)));
    }
}

#[test]
fn a_refusal_counts_also_when_memory_was_lost_after_it() {
    let cookies = with(&expired(SESSION), &refresh(SESSION, 0));
    assert_eq!(ask(&mut door(), &cookies, Some(Outcome::Refused(Reject::Revoked))), rejected(Reject::Revoked));
}

#[test]
fn refused_tokens_take_bounded_room() {
    let mut door = door();
    for generation in 0..4_200 {
        let body = br#"{"status":"refused","code":"expired"}"#;
        absorb(&mut door, &refresh_errand(SESSION, generation), 200, body, NOW);
    }
    let known = |door: &mut Door, generation| {
        ask(door, &format!("__Host-sg_refresh={}", refresh(SESSION, generation)), None) == rejected(Reject::Expired)
    };
    assert!(known(&mut door, 4_199) && known(&mut door, 2_200));
    assert!(!known(&mut door, 0));
}

#[test]
fn an_origin_that_gives_no_usable_answer_is_503_and_signs_nobody_out() {
    for (status, body) in [
        (503, r#"{"status":"refused","code":"revoked"}"#),
        (0, ""),
        (200, ""),
        (200, r#"{"status":"maybe"}"#),
        (200, r#"{"status":"refused"}"#),
        (200, r#"{"status":"refused","code":"no_such_code"}"#),
        (200, r#"{"status":"refused","code":"ambiguous_session"}"#),
        (200, r#"{"status":"refreshed"}"#),
        (200, r#"{"status":"refreshed","set_cookie":["a=b; Path=/"]}"#),
        (200, r#"{"status":"refreshed","set_cookie":["__Host-sg=v1.a\nset-cookie: x"]}"#),
        (200, r#"{"status":"refreshed","set_cookie":["__Host-sg_login=x"]}"#),
    ] {
        let mut door = door();
        let outcome = absorb(&mut door, &refresh_errand(SESSION, 0), status, body.as_bytes(), NOW);
        assert_eq!(outcome, Outcome::Failed(Kind::Refresh), "{body}");
        let cookies = with(&expired(SESSION), &refresh(SESSION, 0));
        assert_eq!(ask(&mut door, &cookies, Some(outcome)), UNAVAILABLE);
        assert_eq!(door.counts.get(Counter::Refresh(Refresh::Failed)), 1);
        assert_eq!(ask(&mut door, &cookies, None), needs_refresh(SESSION), "the next one tries again");
    }
}

#[test]
fn tokens_that_do_not_do_are_not_asked_for_again_and_again() {
    let cookies = with(&expired(SESSION), &refresh(SESSION, 0));
    assert_eq!(ask(&mut door(), &cookies, Some(Outcome::Refreshed)), UNAVAILABLE);
}

#[test]
fn two_sessions_are_never_guessed_between() {
    let (one, other) = (refresh(SESSION, 0), refresh(OTHER_SESSION, 5));
    let both = format!("__Host-sg_refresh={one}; __Host-sg_refresh={other}");
    let mut door = door_that_knows(&[mark(NOW.plus(1))]);
    for cookies in [both.clone(), format!("{both}; {}", cookie(&expired(SESSION))), with(&expired(SESSION), &other)] {
        assert_eq!(ask(&mut door, &cookies, None), AMBIGUOUS, "{cookies}");
    }
    // Two good access tokens are no better for a refresh token beside them.
    let accesses = [SESSION, OTHER_SESSION].map(|session| cookie(&claims(session))).join("; ");
    let cookies = format!("{accesses}; __Host-sg_refresh={one}");
    assert_eq!(ask(&mut crate::sample::door(), &cookies, None), AMBIGUOUS);
    // Of a session that has ended no more is to be said.
    let mut ended = door_that_knows(&[Revoked::Session(SESSION)]);
    assert_eq!(ask(&mut ended, &with(&claims(SESSION), &other), None), rejected(Reject::Revoked));
    // Hit by a mark, an access token still says whose it is.
    assert_eq!(ask(&mut door, &with(&claims(SESSION), &other), None), AMBIGUOUS);
    assert_eq!(ask(&mut door, &with(&claims(SESSION), &one), None), needs_refresh(SESSION));
}

#[test]
fn tokens_of_another_session_than_was_asked_about_are_no_answer() {
    let (lines, _) = refreshed(OTHER_SESSION, 1, NOW);
    let outcome = absorb(&mut door(), &refresh_errand(SESSION, 0), 200, &refreshed_body(&lines), NOW);
    assert_eq!(outcome, Outcome::Failed(Kind::Refresh));
}

#[test]
fn a_mark_leads_to_a_refresh_and_a_revoked_session_does_not() {
    let own = with(&claims(SESSION), &refresh(SESSION, 0));
    for revoked in [mark(NOW.plus(1)), Revoked::Tenant { tenant: "demo".parse().unwrap(), issued_before: NOW.plus(1) }]
    {
        let mut door = door_that_knows(std::slice::from_ref(&revoked));
        assert_eq!(ask(&mut door, &own, None), needs_refresh(SESSION));
        assert_eq!(ask(&mut door, &cookie(&claims(SESSION)), None), rejected(Reject::Revoked), "with nothing to show");
        let (_, pairs) = refreshed(SESSION, 1, NOW.plus(1));
        let verdict = door
            .decide(&Incoming { now: NOW.plus(1), ..get(URL, &format!("{pairs}; {own}")) }, Some(Outcome::Refreshed));
        forwarded(verdict);
        let mut door = door_that_knows(&[revoked, Revoked::Session(SESSION)]);
        assert_eq!(ask(&mut door, &own, None), rejected(Reject::Revoked));
        assert_eq!(ask(&mut door, &with(&expired(SESSION), &refresh(SESSION, 0)), None), rejected(Reject::Revoked));
    }
}

#[test]
fn what_the_origin_said_of_the_session_is_not_asked_in_another_way() {
    let mut door = door_that_knows(&[mark(NOW.plus(1))]);
    let own = with(&claims(SESSION), &refresh(SESSION, 0));
    let url = "https://app.example/ask";
    let revoked = Some(Outcome::Revoked(SESSION));
    assert_eq!(door.decide(&get(url, &own), revoked), rejected(Reject::Revoked));
    told(&mut door, r#"{"status":"revoked"}"#, 0);
    assert_eq!(door.decide(&get(url, &own), None), rejected(Reject::Revoked));
    let expired = with(&expired(SESSION), &refresh(SESSION, 0));
    assert_eq!(door.decide(&get(url, &expired), None), rejected(Reject::Revoked));
}

#[test]
fn without_keys_nobody_can_tell_and_the_keyring_is_fetched_first() {
    let mut door = empty_door();
    let own = refresh_cookie(SESSION);
    assert_eq!(ask(&mut door, &own, None), Verdict::Need(Errand::Keyring));
    assert_eq!(ask(&mut door, &own, Some(Outcome::Failed(Kind::Keyring))), UNAVAILABLE);
    let outcome = absorb(&mut door, &Errand::Keyring, 200, &crate::sample::keyring(1), NOW);
    assert_eq!(ask(&mut door, &own, Some(outcome)), needs_refresh(SESSION));
}

#[test]
fn the_origin_may_speak_of_a_newer_keyring() {
    let mut door = door_with_keys();
    let body = br#"{"status":"refused","code":"expired","keyring":2}"#;
    absorb(&mut door, &refresh_errand(SESSION, 0), 200, body, NOW);
    assert_eq!(visit(&mut door, "/", 0, None), Verdict::Need(Errand::Keyring));
}

#[test]
fn a_refresh_token_under_an_unknown_key_may_be_of_a_newer_keyring() {
    let text = refresh_under(9, &refresh_claims(SESSION, 0));
    for cookies in [format!("__Host-sg_refresh={text}"), with(&expired(SESSION), &text)] {
        let incoming = get(URL, &cookies);
        assert_eq!(door().decide(&incoming, None), rejected(Reject::UnknownKid), "while the head is fresh");
        let later = Incoming { now: NOW.plus(500), ..incoming };
        assert_eq!(door().decide(&later, None), Verdict::Need(HEAD));
    }
}

#[test]
fn public_paths_refresh_nothing() {
    forwarded(door().decide(&get("https://app.example/public", &refresh_cookie(SESSION)), None));
}

#[test]
fn what_comes_of_it_is_written_for_the_entry_module() {
    let (lines, pairs) = refreshed(SESSION, 1, NOW);
    let cookies = Refreshed::Cookies { pairs: pairs.clone(), lines: lines.clone() };
    assert_eq!(cookies.to_string(), format!("refreshed\n{pairs}\n{}", lines.join("\n")));
    assert_eq!(Refreshed::Refused(Reject::Revoked).to_string(), "refused revoked");
    assert_eq!(Refreshed::Failed.to_string(), "failed refresh");
    let answer = crate::door::Answer { status: 200, body: &refreshed_body(&lines), left: 0 };
    let asked = crate::errand::Asked { at: NOW, challenge: "" };
    let shown = refresh(SESSION, 0);
    assert_eq!(door().absorb_refresh(&"demo".parse().unwrap(), &shown, answer, &asked), cookies);
}
