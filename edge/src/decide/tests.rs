use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::CookieNames;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::keyring::{KeyringDocument, PublishedKey};
use sealgate_shared::secret::Secret32;

use super::*;
use sealgate_shared::report::Forwarded;
use crate::sample::{absorb, 
    NOW, OTHER_SESSION, RETIRED, REVOKED, SESSION, claims, cookie, door, empty_door, key, keyring, token, token_under,
};
use crate::settings::tests::secret;

const URL: &str = "https://app.example/page?q=1";

fn get<'r>(url: &'r str, cookie: &'r str) -> Incoming<'r> {
    Incoming { url, method: "GET", cookie, now: NOW }
}

fn check(claims: &Claims) -> Errand {
    Errand::Check { tenant: claims.tenant.clone(), session: claims.session, expires_at: claims.expires_at }
}

fn rejected(reject: Reject) -> Verdict {
    Verdict::Refuse(Refusal::Token(reject))
}

fn forwarded(verdict: Verdict) -> Forward {
    match verdict {
        Verdict::Forward(forward, _) => forward,
        other => panic!("not forwarded: {other:?}"),
    }
}

fn header<'f>(forward: &'f Forward, name: &str) -> Option<&'f str> {
    forward.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

/// A door that knows the sample session to be live.
fn door_with_answer() -> Door {
    let mut door = door();
    door.answers.remember_live(SESSION, NOW);
    door
}

#[test]
fn a_live_session_is_forwarded_with_its_identity() {
    let cookies = format!("theme=dark; {}; __Host-sg_csrf=x", cookie(&claims(SESSION)));
    let forward = forwarded(door_with_answer().decide(&get(URL, &cookies), None));
    assert_eq!(forward.to, Forwarded::Session);
    assert_eq!(forward.url, "http://127.0.0.1:3/page?q=1");
    for (name, value) in [
        ("x-sealgate-session", SESSION.to_string().as_str()),
        ("x-sealgate-tenant", "demo"),
        ("x-sealgate-actor-type", "user"),
        ("x-sealgate-actor-id", "ada"),
        ("x-sealgate-assurance", "1"),
        ("x-sealgate-roles", "admin"),
        ("x-sealgate-authenticated-at", NOW.as_secs().to_string().as_str()),
        ("x-sealgate-expires-at", NOW.plus(900_000).as_secs().to_string().as_str()),
        ("x-sealgate-revocation-age-ms", "0"),
        ("x-forwarded-host", "app.example"),
        ("x-forwarded-proto", "https"),
        ("cookie", "theme=dark"),
    ] {
        assert_eq!(header(&forward, name), Some(value), "{name}");
    }
}

#[test]
fn whoever_is_recognised_is_no_longer_going_round() {
    let cookies = format!("__Host-sg_detour=3.abc; {}", cookie(&claims(SESSION)));
    let forward = forwarded(door_with_answer().decide(&get(URL, &cookies), None));
    assert_eq!(forward.set_cookie, Some(sealgate_shared::cookie::clear(CookieNames::Host, CookieName::Detour)));
    assert_eq!(header(&forward, "cookie"), None);
    let forward = forwarded(door_with_answer().decide(&get(URL, &cookie(&claims(SESSION))), None));
    assert_eq!(forward.set_cookie, None);
}

#[test]
fn without_upstream_the_request_goes_where_it_was_going() {
    let mut other = claims(SESSION);
    other.tenant = "other".parse().unwrap();
    let url = "https://other.example/a?b";
    let cookies = cookie(&other);
    assert_eq!(forwarded(door_with_answer().decide(&get(url, &cookies), None)).url, url);
}

#[test]
fn the_keyring_and_the_session_are_asked_for_once_and_then_known() {
    let (mut door, cookies) = (empty_door(), cookie(&claims(SESSION)));
    let incoming = get(URL, &cookies);
    assert_eq!(door.decide(&incoming, None), Verdict::Need(Errand::Keyring));
    let outcome = absorb(&mut door, &Errand::Keyring, 200, &keyring(1), NOW);
    let errand = check(&claims(SESSION));
    assert_eq!(door.decide(&incoming, Some(outcome)), Verdict::Need(errand.clone()));
    let outcome = absorb(&mut door, &errand, 200, br#"{"status":"live"}"#, NOW);
    forwarded(door.decide(&incoming, Some(outcome)));
    forwarded(door.decide(&incoming, None));
    let later = Incoming { now: NOW.plus(5_000), ..incoming };
    assert_eq!(door.decide(&later, None), Verdict::Need(errand));
}

#[test]
fn an_answer_serves_its_own_request_even_when_none_are_kept() {
    let (mut door, cookies) = (door(), cookie(&claims(SESSION)));
    door.answers = crate::answers::Answers::new(0);
    let incoming = get(URL, &cookies);
    let outcome = absorb(&mut door, &check(&claims(SESSION)), 200, br#"{"status":"live"}"#, NOW.minus(7));
    let forward = forwarded(door.decide(&incoming, Some(outcome)));
    assert_eq!(header(&forward, "x-sealgate-revocation-age-ms"), Some("7"));
    assert_eq!(door.decide(&incoming, None), Verdict::Need(check(&claims(SESSION))));
    let about_another = Outcome::Live(OTHER_SESSION, NOW);
    assert_eq!(door.decide(&incoming, Some(about_another)), Verdict::Need(check(&claims(SESSION))));
}

#[test]
fn an_answer_is_as_old_as_the_reading_that_the_origin_gave_it_from() {
    let (mut door, cookies) = (door(), cookie(&claims(SESSION)));
    let outcome = absorb(&mut door, &check(&claims(SESSION)), 200, br#"{"status":"live","age_ms":900}"#, NOW);
    let forward = forwarded(door.decide(&get(URL, &cookies), Some(outcome)));
    assert_eq!(header(&forward, "x-sealgate-revocation-age-ms"), Some("900"));
    let at = |milliseconds| Incoming { now: NOW.plus(milliseconds), ..get(URL, &cookies) };
    forwarded(door.decide(&at(4_099), None));
    assert_eq!(door.decide(&at(4_100), None), Verdict::Need(check(&claims(SESSION))));
}

#[test]
fn a_keyring_that_the_origin_says_is_outdated_is_fetched_behind_the_next_request() {
    let (mut door, cookies) = (door(), cookie(&claims(SESSION)));
    let behind = |door: &mut Door, milliseconds| match door
        .decide(&Incoming { now: NOW.plus(milliseconds), ..get(URL, &cookies) }, None)
    {
        Verdict::Forward(_, errand) => errand,
        other => panic!("{other:?}"),
    };
    door.answers = crate::answers::Answers::new(60_000);
    let version = door.ring_version().unwrap();
    let told = format!(r#"{{"status":"live","keyring":{}}}"#, version + 1);
    absorb(&mut door, &check(&claims(SESSION)), 200, told.as_bytes(), NOW);
    assert_eq!(behind(&mut door, 999), None, "it was fetched less than a second ago");
    assert_eq!(behind(&mut door, 1_000), Some(Errand::Keyring));
    // A cache on the way has an older answer still: the edge asks again, once a second.
    absorb(&mut door, &Errand::Keyring, 304, b"", NOW.plus(1_000));
    assert_eq!(behind(&mut door, 1_500), None);
    assert_eq!(behind(&mut door, 2_000), Some(Errand::Keyring));
    absorb(&mut door, &Errand::Keyring, 200, &keyring(version + 1), NOW.plus(2_000));
    assert_eq!(behind(&mut door, 3_000), None);
    // What is told of an older one later changes nothing.
    let told = format!(r#"{{"status":"live","keyring":{version}}}"#);
    absorb(&mut door, &check(&claims(SESSION)), 200, told.as_bytes(), NOW.plus(3_000));
    assert_eq!(behind(&mut door, 4_500), None);
}

#[test]
fn a_keyring_that_is_still_the_newest_is_good_for_another_while() {
    let mut door = door_with_answer();
    let day = 24 * 3_600_000;
    assert_eq!(absorb(&mut door, &Errand::Keyring, 304, b"", NOW.plus(day - 1)), Outcome::Keyring);
    assert!(door.ring(NOW.plus(day)).is_some());
    assert!(door.ring(NOW.plus(2 * day)).is_none());
    assert_eq!(empty_door().absorb(&Errand::Keyring, 304, b"", NOW), Outcome::Failed, "nothing is held");
}

#[test]
fn a_revoked_session_is_refused_until_its_token_expires() {
    let (mut door, cookies) = (door_with_answer(), cookie(&claims(SESSION)));
    let outcome = absorb(&mut door, &check(&claims(SESSION)), 200, br#"{"status":"revoked"}"#, NOW);
    assert_eq!(door.decide(&get(URL, &cookies), Some(outcome)), rejected(Reject::Revoked));
    let last = Incoming { now: NOW.plus(899_999), ..get(URL, &cookies) };
    assert_eq!(door.decide(&last, None), rejected(Reject::Revoked));
    let after = Incoming { now: NOW.plus(900_000), ..get(URL, &cookies) };
    assert_eq!(door.decide(&after, None), rejected(Reject::Expired));
}

#[test]
fn what_the_origin_cannot_answer_is_503_and_never_401() {
    let cookies = cookie(&claims(SESSION));
    let incoming = get(URL, &cookies);
    let unavailable = Verdict::Refuse(Refusal::OriginUnavailable);
    assert_eq!(empty_door().decide(&incoming, Some(Outcome::Failed)), unavailable);
    assert_eq!(door().decide(&incoming, Some(Outcome::Failed)), unavailable);
    for (status, body) in [
        (500, &b"{}"[..]),
        (200, b""),
        (200, b"{"),
        (200, br#"{"status":"maybe"}"#),
        (401, br#"{"status":"revoked"}"#),
        (0, b""),
    ] {
        assert_eq!(door().absorb(&check(&claims(SESSION)), status, body, NOW), Outcome::Failed);
    }
}

#[test]
fn an_edge_without_keys_asks_for_them_once_a_second_while_it_gets_none() {
    let (mut door, cookies) = (empty_door(), cookie(&claims(SESSION)));
    let at = |now| Incoming { now, ..get(URL, &cookies) };
    assert_eq!(door.decide(&at(NOW), None), Verdict::Need(Errand::Keyring));
    assert_eq!(absorb(&mut door, &Errand::Keyring, 0, b"", NOW), Outcome::Failed);
    let unavailable = Verdict::Refuse(Refusal::OriginUnavailable);
    assert_eq!(door.decide(&at(NOW), None), unavailable);
    assert_eq!(door.decide(&at(NOW.plus(999)), None), unavailable);
    assert_eq!(door.decide(&at(NOW.plus(1_000)), None), Verdict::Need(Errand::Keyring));
    assert_eq!(door.decide(&at(NOW.minus(1)), None), Verdict::Need(Errand::Keyring), "the clock was set back");
}

#[test]
fn an_outcome_counts_also_when_memory_was_lost_after_it() {
    let cookies = cookie(&claims(SESSION));
    let verdict = door().decide(&get(URL, &cookies), Some(Outcome::Revoked(SESSION)));
    assert_eq!(verdict, rejected(Reject::Revoked));
    let unknown = cookies.replace("AQEBAQEBAQE", "AAAAAAAAAAA");
    let verdict = door().decide(&get(URL, &unknown), Some(Outcome::Failed));
    assert_eq!(verdict, Verdict::Refuse(Refusal::OriginUnavailable));
}

#[test]
fn a_held_answer_outlives_a_failure() {
    let cookies = cookie(&claims(SESSION));
    forwarded(door_with_answer().decide(&get(URL, &cookies), Some(Outcome::Failed)));
}

#[test]
fn bad_cookies_are_refused_without_asking_anyone() {
    let good = token(&claims(SESSION));
    let bent =
        format!("{}{}", &good.strip_suffix(|_: char| true).unwrap(), if good.ends_with('A') { 'E' } else { 'A' });
    let mut other_tenant = claims(SESSION);
    other_tenant.tenant = "other".parse().unwrap();
    let mut old = claims(SESSION);
    old.issued_at = NOW.minus(900_000);
    old.authenticated_at = old.issued_at;
    old.expires_at = NOW;
    for (cookies, verdict) in [
        (String::new(), Verdict::Refuse(Refusal::Missing)),
        ("theme=dark; sg=x".to_owned(), Verdict::Refuse(Refusal::Missing)),
        (format!("__Host-sg={bent}"), rejected(Reject::BadMac)),
        ("__Host-sg=junk".to_owned(), rejected(Reject::Malformed)),
        (cookie(&other_tenant), rejected(Reject::WrongTenant)),
        (cookie(&old), rejected(Reject::Expired)),
        (
            format!("{}; {}", cookie(&claims(SESSION)), cookie(&claims(OTHER_SESSION))),
            rejected(Reject::AmbiguousSession),
        ),
    ] {
        assert_eq!(door_with_answer().decide(&get(URL, &cookies), None), verdict, "{cookies}");
    }
}

#[test]
fn keys_that_are_known_to_be_dead_are_asked_about_never() {
    for (number, reject) in [(RETIRED, Reject::Expired), (REVOKED, Reject::Revoked)] {
        let good = token_under(number, &claims(SESSION));
        let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(43));
        for value in [good, forged] {
            // The ring is a day old but for a second, and might be fetched; the session is known to be live.
            let (mut door, cookies) = (door_with_answer(), format!("__Host-sg={value}"));
            for milliseconds in [0, 10_000, 60_000, 86_399_000] {
                let incoming = Incoming { now: NOW.plus(milliseconds), ..get(URL, &cookies) };
                assert_eq!(door.decide(&incoming, None), rejected(reject), "{milliseconds}");
                assert_eq!(door.decide(&incoming, Some(Outcome::Failed)), rejected(reject), "{milliseconds}");
            }
        }
    }
}

#[test]
fn beside_cookies_of_dead_keys_a_good_one_is_found() {
    let dead = [RETIRED, REVOKED].map(|number| format!("__Host-sg={}; ", token_under(number, &claims(OTHER_SESSION))));
    let cookies = format!("{}{}", dead.concat().repeat(5), cookie(&claims(SESSION)));
    let forward = forwarded(door_with_answer().decide(&get(URL, &cookies), None));
    assert_eq!(header(&forward, "x-sealgate-session"), Some(SESSION.to_string().as_str()));
}

#[test]
fn a_key_may_die_and_does_not_come_back() {
    let (mut door, cookies) = (door_with_answer(), cookie(&claims(SESSION)));
    let ring = |version, key: PublishedKey| {
        let secret = EdgeSecret::new(Secret32::from_base64url(&secret()).unwrap());
        let document = KeyringDocument { version, max_lifetime_ms: 900_000, keys: vec![key] };
        document.seal(&"dev".parse().unwrap(), &secret, [0; 12])
    };
    let key = key(1, "demo");
    forwarded(door.decide(&get(URL, &cookies), None));
    assert_eq!(absorb(&mut door, &Errand::Keyring, 200, &ring(2, key.publish_retired()), NOW), Outcome::Keyring);
    assert_eq!(door.decide(&get(URL, &cookies), None), rejected(Reject::Expired));
    let revoked = PublishedKey::revoked(key.id(), key.tenant().clone());
    assert_eq!(absorb(&mut door, &Errand::Keyring, 200, &ring(3, revoked), NOW), Outcome::Keyring);
    assert_eq!(door.decide(&get(URL, &cookies), None), rejected(Reject::Revoked));
    assert_eq!(absorb(&mut door, &Errand::Keyring, 200, &ring(2, key.publish()), NOW), Outcome::Failed);
    assert_eq!(door.decide(&get(URL, &cookies), None), rejected(Reject::Revoked));
}

#[test]
fn a_token_without_a_proof_names_no_session_to_ask_about_again() {
    let mut door = door_with_answer();
    for number in [RETIRED, REVOKED] {
        let cookies = format!("__Host-sg={}", token_under(number, &claims(SESSION)));
        let incoming = get("https://app.example/auth/logout", &cookies);
        // It goes on to the origin, which holds more than we do.
        let forward = forwarded(door.decide(&Incoming { method: "POST", ..incoming }, None));
        assert_eq!((forward.to, header(&forward, "cookie")), (Forwarded::Origin, Some(cookies.as_str())));
    }
    forwarded(door.decide(&get(URL, &cookie(&claims(SESSION))), None));
}

#[test]
fn unknown_keys_are_asked_about_once_in_a_while() {
    let kid = "AAAAAAAAAAA";
    let cookies = format!("__Host-sg={}", token(&claims(SESSION)).replace("AQEBAQEBAQE", kid));
    let mut door = door();
    let at = |milliseconds| Incoming { now: NOW.plus(milliseconds), ..get(URL, &cookies) };
    assert_eq!(door.decide(&at(9_999), None), rejected(Reject::UnknownKid));
    assert_eq!(door.decide(&at(10_000), None), Verdict::Need(Errand::Keyring));
    let outcome = absorb(&mut door, &Errand::Keyring, 200, &keyring(1), NOW.plus(10_000));
    assert_eq!(door.decide(&at(10_001), Some(outcome)), rejected(Reject::UnknownKid));
    let outcome = absorb(&mut door, &Errand::Keyring, 0, b"", NOW.plus(20_000));
    let unavailable = Verdict::Refuse(Refusal::OriginUnavailable);
    assert_eq!(door.decide(&at(20_000), Some(outcome)), unavailable);
    assert_eq!(door.decide(&at(20_001), None), unavailable, "whether the key exists cannot be known now");
}

#[test]
fn unknown_keys_are_asked_about_once_also_when_the_clock_was_set_back() {
    let cookies = format!("__Host-sg={}", token(&claims(SESSION)).replace("AQEBAQEBAQE", "AAAAAAAAAAA"));
    let mut door = door();
    absorb(&mut door, &Errand::Keyring, 200, &keyring(1), NOW.plus(86_400_000));
    assert_eq!(door.decide(&get(URL, &cookies), None), Verdict::Need(Errand::Keyring));
    let outcome = absorb(&mut door, &Errand::Keyring, 200, &keyring(1), NOW);
    assert_eq!(door.decide(&get(URL, &cookies), Some(outcome)), rejected(Reject::UnknownKid));
}

#[test]
fn keyrings_are_renewed_behind_requests_and_used_for_a_day() {
    let mut door = door_with_answer();
    let mut long = claims(SESSION);
    let mut at = |milliseconds: u64| {
        long.issued_at = NOW.plus(milliseconds);
        long.expires_at = long.issued_at.plus(900_000);
        door.answers.remember_live(SESSION, long.issued_at);
        let cookies = cookie(&long);
        door.decide(&Incoming { now: long.issued_at, ..get(URL, &cookies) }, None)
    };
    assert!(matches!(at(59_999), Verdict::Forward(_, None)));
    assert!(matches!(at(60_000), Verdict::Forward(_, Some(Errand::Keyring))));
    assert!(matches!(at(86_399_999), Verdict::Forward(_, Some(Errand::Keyring))));
    assert_eq!(at(86_400_000), Verdict::Need(Errand::Keyring));
}

#[test]
fn only_this_edges_keyring_is_taken_and_none_older() {
    let mut door = empty_door();
    let mut absorb = |bytes: &[u8]| absorb(&mut door, &Errand::Keyring, 200, bytes, NOW);
    let mut bent = keyring(5);
    bent[20] ^= 1;
    assert_eq!(absorb(&bent), Outcome::Failed);
    assert_eq!(absorb(b""), Outcome::Failed);
    assert_eq!(absorb(&keyring(5)), Outcome::Keyring);
    assert_eq!(absorb(&keyring(4)), Outcome::Failed);
    assert_eq!(absorb(&keyring(5)), Outcome::Keyring);
}

#[test]
fn hosts_sizes_and_public_paths() {
    let mut door = empty_door();
    let long = format!("a={}", "x".repeat(8_191));
    assert_eq!(door.decide(&get(URL, &long), None), Verdict::Refuse(Refusal::CookieTooLarge));
    for url in ["https://evil.example/", "https://app.example:1/", "nonsense"] {
        assert_eq!(door.decide(&get(url, ""), None), Verdict::Refuse(Refusal::UnknownHost), "{url}");
    }
    let cookies = format!("a=1; {}", cookie(&claims(SESSION)));
    let forward = forwarded(door.decide(&get("https://app.example/public/x", &cookies), None));
    assert_eq!(forward.to, Forwarded::Public);
    assert_eq!(header(&forward, "cookie"), Some("a=1"));
    assert_eq!(header(&forward, "x-sealgate-session"), None);
    assert_eq!(door.decide(&get("https://app.example/public/../x", ""), None), Verdict::Refuse(Refusal::Missing));
}

#[test]
fn auth_goes_to_the_origin_with_our_cookies_alone() {
    let cookies = format!("a=1; {}", cookie(&claims(SESSION)));
    let mut door = door_with_answer();
    let forward = forwarded(door.decide(&get("https://app.example/auth/session?x", &cookies), None));
    assert_eq!(forward.to, Forwarded::Origin);
    assert_eq!(forward.url, "http://127.0.0.1:1/auth/session?x");
    assert_eq!(header(&forward, "cookie"), Some(cookie(&claims(SESSION)).as_str()));
    assert!(header(&forward, "x-sealgate-edge").unwrap().starts_with("dev."));
    for path in ["/authors", "/%61uth/session", "/auth/../internal/check", "/auth/%2e%2E/a", "/auth/..%2fa", "/auth//a"]
    {
        let url = format!("https://app.example{path}");
        assert_eq!(door.decide(&get(&url, ""), None), Verdict::Refuse(Refusal::Missing), "{url}");
    }
}

#[test]
fn after_signing_out_the_session_is_asked_about_again() {
    let cookies = cookie(&claims(SESSION));
    let mut door = door_with_answer();
    let incoming = get("https://app.example/auth/logout", &cookies);
    forwarded(door.decide(&Incoming { method: "POST", ..incoming }, None));
    assert_eq!(door.decide(&get(URL, &cookies), None), Verdict::Need(check(&claims(SESSION))));
}
