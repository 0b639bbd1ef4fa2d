use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::{clear, set};

use sealgate_shared::refresh::RefreshClaims;
use sealgate_shared::report::Counter;
use sealgate_shared::revocation::Revoked;

use super::*;
use crate::errand::{Keep, Kind};
use crate::sample::{
    HEAD, NOW, OTHER_SESSION, RETIRED, REVOKED, SESSION, absorb, at, claims, csrf_token, door, door_with,
    door_with_keys, empty_door, head, keyring, refresh, refresh_claims, refresh_under, token, token_under,
};

const URL: &str = "https://app.example/login";

fn access(claims: &Claims) -> String {
    set(CookieNames::Host, CookieName::Access, &token(claims), None)
}

fn csrf() -> String {
    set(CookieNames::Host, CookieName::Csrf, &csrf_token(SESSION), None)
}

fn guard_at(lines: &[&str], now: UnixMillis) -> Passage {
    let mut door = door();
    absorb(&mut door, &HEAD, 200, &head(at(0), 0, &[]), now);
    door.guard(&answer(lines), None, now)
}

const fn answer<'r>(lines: &'r [&'r str]) -> SetCookies<'r> {
    SetCookies { url: URL, lines, age: "", cache_control: "" }
}

fn kept(lines: &[&str]) -> Vec<String> {
    match guard_at(lines, NOW) {
        Passage::Untouched => lines.iter().map(|line| (*line).to_owned()).collect(),
        Passage::Keep { lines, .. } => lines,
        Passage::Need(errand) => panic!("needs {errand}"),
    }
}

#[test]
fn other_cookies_pass_untouched() {
    for lines in [&["theme=dark; Path=/"][..], &["sg=1", "host-sg=2"], &["__Host-other=1"], &["x=__Host-sg=1"]] {
        assert_eq!(guard_at(lines, NOW), Passage::Untouched);
    }
}

fn refresh_line(text: &str) -> String {
    set(CookieNames::Host, CookieName::Refresh, text, Some(3_600))
}

#[test]
fn a_sign_in_passes_whole() {
    let (access, refresh, csrf) = (access(&claims(SESSION)), refresh_line(&refresh(SESSION, 0)), csrf());
    let lines = [access.as_str(), &refresh, "theme=dark", &csrf];
    let expected = Passage::Keep { lines: lines.map(str::to_owned).to_vec(), dropped: 0, ours: true };
    assert_eq!(guard_at(&lines, NOW), expected);
}

#[test]
fn frameworks_may_write_the_attributes_in_their_own_way() {
    let line = format!(
        "__Host-sg={}; max-age=900; expires=Thu, 01 Jan 2099 00:00:00 GMT; path=/; httponly; secure; samesite=lax",
        token(&claims(SESSION))
    );
    assert_eq!(kept(&[&line]), [line.as_str()]);
}

#[test]
fn anything_else_of_our_names_is_dropped() {
    let good = token(&claims(SESSION));
    let mut refreshed = claims(SESSION);
    refreshed.generation = 1;
    let mut other_tenant = claims(SESSION);
    other_tenant.tenant = "other".parse().unwrap();
    for line in [
        "__Host-sg=junk; Path=/; Secure; HttpOnly; SameSite=Lax".to_owned(),
        format!("__Host-sg={good}"),
        format!("__Host-sg={good}; Path=/; Secure; HttpOnly; SameSite=Lax; Domain=example"),
        format!("__Host-sg={good}; Path=/a; Secure; HttpOnly; SameSite=Lax"),
        format!("__Host-sg={good}; Path=/; Path=/; Secure; HttpOnly; SameSite=Lax"),
        format!("__Host-sg={good}; Path=/; Secure; SameSite=Lax"),
        format!("__Host-sg={good}; Path=/; HttpOnly; SameSite=Lax"),
        format!("__Host-sg={good}; Path=/; Secure; HttpOnly; SameSite=None"),
        format!("__Host-sg={good}; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned"),
        format!("=__Host-sg={good}; Path=/; Secure; HttpOnly; SameSite=Lax"),
        format!(" __Host-sg = {good}"),
        access(&refreshed),
        access(&other_tenant),
        clear(CookieNames::Host, CookieName::Access),
        set(CookieNames::Host, CookieName::Refresh, "x", None),
        set(CookieNames::Host, CookieName::Login, "x", None),
        csrf(),
    ] {
        let expected = Passage::Keep { lines: vec!["theme=dark".to_owned()], dropped: 1, ours: false };
        assert_eq!(guard_at(&["theme=dark", &line], NOW), expected, "{line}");
    }
}

#[test]
fn of_refresh_tokens_only_that_of_the_sign_in_beside_it_passes() {
    let access = access(&claims(SESSION));
    let good = refresh(SESSION, 0);
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(43));
    let bearer = RefreshClaims { channel: Channel::Bearer, ..refresh_claims(SESSION, 0) };
    let over = RefreshClaims { idle_expires_at: NOW, ..refresh_claims(SESSION, 0) };
    let other_tenant = crate::sample::key(2, "other").refresh_sealer().seal(&refresh_claims(SESSION, 0));
    let mut bad: Vec<String> =
        [forged, refresh(SESSION, 1), refresh(OTHER_SESSION, 0), other_tenant, "junk".to_owned()]
            .into_iter()
            .chain([bearer, over].map(|claims| refresh_under(1, &claims)))
            .chain([refresh_under(REVOKED, &refresh_claims(SESSION, 0)), token(&claims(SESSION))])
            .map(|text| refresh_line(&text))
            .collect();
    for attributes in ["", "; Path=/; Secure; SameSite=Lax", "; Path=/; Secure; HttpOnly; SameSite=Lax; Domain=example"]
    {
        bad.push(format!("__Host-sg_refresh={good}{attributes}"));
    }
    let good = refresh_line(&good);
    for bad in &bad {
        assert_eq!(kept(&[&access, bad]), [access.as_str()], "{bad}");
        assert_eq!(kept(&[bad, &access, &good]), [access.as_str(), &good], "{bad}");
    }
    assert_eq!(kept(&[&access, &good, &good]), [access.as_str()], "one at most");
    let binding = set(CookieNames::Host, CookieName::Login, "x", Some(600));
    assert_eq!(kept(&[&access, &good, &binding]), [access.as_str(), &good], "no sign-in of the origin's is begun here");
    assert_eq!(kept(&[&good]), Vec::<String>::new(), "and none without the access token");
}

#[test]
fn a_sign_in_under_a_dead_key_is_none_and_nobody_is_asked() {
    for number in [RETIRED, REVOKED] {
        let line = set(CookieNames::Host, CookieName::Access, &token_under(number, &claims(SESSION)), None);
        let expected = Passage::Keep { lines: vec![], dropped: 1, ours: false };
        assert_eq!(door().guard(&answer(&[&line]), None, NOW.plus(59_999)), expected);
    }
}

#[test]
fn a_token_that_is_no_longer_new_is_dropped() {
    let line = access(&claims(SESSION));
    assert!(matches!(guard_at(&[&line], NOW.plus(59_999)), Passage::Keep { dropped: 0, .. }));
    assert!(matches!(guard_at(&[&line], NOW.plus(60_000)), Passage::Keep { dropped: 1, .. }));
}

#[test]
fn two_sign_ins_at_once_are_none() {
    let (one, other) = (access(&claims(SESSION)), access(&claims(OTHER_SESSION)));
    assert_eq!(kept(&[&one, &other]), Vec::<String>::new());
}

#[test]
fn beside_a_sign_in_no_other_line_of_its_name_passes() {
    let access = access(&claims(SESSION));
    let junk = set(CookieNames::Host, CookieName::Access, "junk", None);
    assert_eq!(kept(&[&access, &junk]), [access.as_str()]);
    assert_eq!(kept(&[&junk, &access]), [access.as_str()]);
}

#[test]
fn a_wrong_csrf_token_is_dropped() {
    let wrong = set(CookieNames::Host, CookieName::Csrf, "AAAAAAAAAAAAAAAAAAAAAA", None);
    let access = access(&claims(SESSION));
    assert_eq!(kept(&[&access, &wrong]), [access.as_str()]);
}

/// How many lines are dropped of a response with nothing but the sample's sign-in.
#[track_caller]
fn dropped(door: &mut Door, outcome: Option<Outcome>, milliseconds: u64) -> usize {
    let line = access(&claims(SESSION));
    match door.guard(&answer(&[&line]), outcome, NOW.plus(milliseconds)) {
        Passage::Keep { dropped, .. } => dropped,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn needs(door: &mut Door, outcome: Option<Outcome>, milliseconds: u64) -> Errand {
    let line = access(&claims(SESSION));
    match door.guard(&answer(&[&line]), outcome, NOW.plus(milliseconds)) {
        Passage::Need(errand) => errand,
        other => panic!("{other:?}"),
    }
}

#[test]
fn whether_it_was_revoked_is_read_in_the_feed_and_heeded() {
    for (revoked, lost) in [(SESSION, 1), (OTHER_SESSION, 0)] {
        let mut door = door();
        assert_eq!(needs(&mut door, None, 1_001), HEAD);
        let head = head(at(1), 0, &[Revoked::Session(revoked)]);
        let outcome = absorb(&mut door, &HEAD, 200, &head, NOW.plus(1_001));
        assert_eq!(dropped(&mut door, Some(outcome), 1_010), lost);
        assert_eq!(door.counts.get(Counter::DroppedCookie), u64::try_from(lost).unwrap());
    }
    assert_eq!(dropped(&mut door(), None, 1_000), 0, "the set is young enough");
}

#[test]
fn a_sign_in_that_cannot_be_judged_is_none() {
    let (line, now) = (access(&claims(SESSION)), NOW);
    assert_eq!(empty_door().guard(&answer(&[&line]), None, now), Passage::Need(Errand::Keyring));
    assert_eq!(dropped(&mut empty_door(), Some(Outcome::Failed(Kind::Keyring)), 0), 1);
    let mut door = door_with_keys();
    assert_eq!(needs(&mut door, None, 0), HEAD);
    let outcome = absorb(&mut door, &HEAD, 503, b"", now);
    assert_eq!(dropped(&mut door, Some(outcome), 0), 1);
    assert_eq!(dropped(&mut door, None, 999), 1, "the origin is not asked again at once");
    assert_eq!(needs(&mut door, None, 1_000), HEAD);
}

#[test]
fn what_is_known_to_be_revoked_needs_no_answer() {
    let mut door = door();
    absorb(&mut door, &HEAD, 200, &head(at(1), 0, &[Revoked::Session(SESSION)]), NOW);
    assert_eq!(dropped(&mut door, None, 30_000), 1);
    let check =
        Errand::Check { tenant: "demo".parse().unwrap(), session: SESSION, expires_at: claims(SESSION).expires_at };
    let mut door = crate::sample::door();
    absorb(&mut door, &check, 200, br#"{"status":"revoked"}"#, NOW);
    assert_eq!(dropped(&mut door, None, 30_000), 1);
}

#[test]
fn a_keyring_that_is_not_the_newest_judges_nothing_and_is_fetched_once_a_second() {
    let mut door = door();
    let head = sealgate_shared::revocation::Head { keyring: 2, ..crate::sample::head_of(at(0), 0, &[]) };
    absorb(&mut door, &HEAD, 200, &crate::sample::seal(&head), NOW);
    assert_eq!(needs(&mut door, None, 1), Errand::Keyring);
    // A cache on the way has the one before still.
    let outcome = absorb(&mut door, &Errand::Keyring, 200, &keyring(1), NOW.plus(1));
    assert_eq!(outcome, Outcome::Keyring);
    assert_eq!(dropped(&mut door, Some(outcome), 2), 1);
    assert_eq!(needs(&mut door, None, 1_001), Errand::Keyring);
}

#[test]
fn what_a_cache_has_is_too_old_where_the_session_is_in_doubt() {
    let mut door = door_with(r#""feed_cache": "1s","#);
    let shared = Errand::Head { is_direct: false };
    assert_eq!(needs(&mut door, None, 3_000), shared);
    assert_eq!(needs(&mut door, Some(Outcome::Feed(Keep::Not)), 3_000), HEAD, "what the cache had was too old");
    door.feed.doubt(SESSION, NOW.plus(3_001));
    assert_eq!(needs(&mut door, None, 3_002), HEAD);
}

#[test]
fn a_sign_in_is_handed_out_once() {
    let (line, mut door) = (access(&claims(SESSION)), door());
    let lines = [line.as_str()];
    assert!(matches!(door.guard(&answer(&lines), None, NOW), Passage::Keep { dropped: 0, ours: true, .. }));
    assert!(matches!(door.guard(&answer(&lines), None, NOW), Passage::Keep { dropped: 1, ours: false, .. }));
}

#[test]
fn a_sign_in_that_a_cache_may_hand_out_is_none() {
    let line = access(&claims(SESSION));
    let lines = [line.as_str()];
    for (age, cache_control, passes) in [
        ("", "", true),
        ("", "no-store", true),
        ("", "private, max-age=60", true),
        ("", "no-cache", true),
        ("", "max-age=0, must-revalidate", true),
        ("", "No-Store, max-age=60", true),
        ("0", "", false),
        ("17", "no-store", false),
        ("", "max-age=60", false),
        ("", "no-cache, PUBLIC", false),
        ("", "s-maxage=60", false),
        ("", "private=\"set-cookie\", max-age=60", false),
    ] {
        let mut door = door();
        let passage = door.guard(&SetCookies { age, cache_control, ..answer(&lines) }, None, NOW);
        assert!(matches!(passage, Passage::Keep { ours, .. } if ours == passes), "{age:?} {cache_control:?}");
    }
}
