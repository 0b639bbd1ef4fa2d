use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::{clear, set};

use super::*;
use crate::sample::{NOW, absorb, OTHER_SESSION, RETIRED, REVOKED, SESSION, claims, door, empty_door, token, token_under};

const URL: &str = "https://app.example/login";

fn access(claims: &Claims) -> String {
    set(CookieNames::Host, CookieName::Access, &token(claims), None)
}

fn csrf() -> String {
    let key = crate::sample::key(1, "demo").publish();
    let ring = Keyring::new(1, 0, std::slice::from_ref(&key)).unwrap();
    let text = ring.find(key.id).unwrap().csrf_token(SESSION).unwrap().expose();
    set(CookieNames::Host, CookieName::Csrf, &text, None)
}

fn guard_at(lines: &[&str], now: UnixMillis) -> Passage {
    let mut door = door();
    door.answers.remember_live(SESSION, now);
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

#[test]
fn a_sign_in_passes_whole() {
    let (access, csrf) = (access(&claims(SESSION)), csrf());
    let lines = [access.as_str(), "theme=dark", &csrf];
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

#[test]
fn whether_it_was_revoked_is_asked_and_heeded() {
    let line = access(&claims(SESSION));
    let lines = [line.as_str()];
    let Passage::Need(errand) = door().guard(&answer(&lines), None, NOW) else { panic!("must ask") };
    assert!(matches!(errand, Errand::Check { session: SESSION, .. }));
    let with = |outcome| door().guard(&answer(&lines), Some(outcome), NOW);
    assert!(matches!(with(Outcome::Live(SESSION, NOW)), Passage::Keep { dropped: 0, .. }));
    assert!(matches!(with(Outcome::Live(OTHER_SESSION, NOW)), Passage::Keep { dropped: 1, .. }));
    assert!(matches!(with(Outcome::Revoked(SESSION)), Passage::Keep { dropped: 1, .. }));
    assert!(matches!(with(Outcome::Failed), Passage::Keep { dropped: 1, .. }));
    assert_eq!(empty_door().guard(&answer(&lines), None, NOW), Passage::Need(Errand::Keyring));
    assert!(matches!(
        empty_door().guard(&answer(&lines), Some(Outcome::Failed), NOW),
        Passage::Keep { dropped: 1, .. }
    ));
}

#[test]
fn a_sign_in_is_handed_out_once() {
    let (line, mut door) = (access(&claims(SESSION)), door());
    let lines = [line.as_str()];
    door.answers.remember_live(SESSION, NOW);
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
        door.answers.remember_live(SESSION, NOW);
        let passage = door.guard(&SetCookies { age, cache_control, ..answer(&lines) }, None, NOW);
        assert!(matches!(passage, Passage::Keep { ours, .. } if ours == passes), "{age:?} {cache_control:?}");
    }
}
