use std::time::Duration;

use sealgate_shared::id::{KeyId, Roles, SessionId};

use super::*;
use crate::session::{Actor, Channel};

/// One minute past the moment at which [`session`] was issued its token is when the window closes.
pub(super) const WINDOW: u64 = 60_000;
/// When the token of [`session`] was issued.
pub(super) const ISSUED: u64 = 1_000_000_000;
const FIREFOX: Option<[u8; 32]> = Some([1; 32]);
const CURL: Option<[u8; 32]> = Some([2; 32]);

pub(super) fn at(milliseconds: u64) -> UnixMillis {
    UnixMillis::new(milliseconds).unwrap()
}

/// A session of generation 0, whose access token lives a quarter of an hour.
pub(super) fn session() -> Session {
    let (issued, day) = (at(ISSUED), Duration::from_hours(24));
    let end = issued.plus(u64::try_from(day.as_millis()).unwrap());
    Session {
        id: SessionId::new([7; 16]),
        tenant: "demo".parse().unwrap(),
        actor: Actor { kind: "user".parse().unwrap(), id: "ada".parse().unwrap() },
        generation: 0,
        previous_generation: None,
        issued_at: issued,
        access_expires_at: issued.plus(900_000),
        signing_key: KeyId::new([1; 8]),
        previous_signing_key: None,
        presented: false,
        answered_late_at: None,
        channel: Channel::Cookie,
        method: None,
        idp: None,
        idle_expires_at: end,
        absolute_expires_at: end,
        created_at: issued,
        last_seen_at: issued,
        authenticated_at: issued,
        remember: false,
        assurance: 0,
        roles: Roles::default(),
        fingerprint: FIREFOX,
        device_name: None,
        label: None,
        ip: None,
        user_agent: None,
        revoked: None,
    }
}

/// One of generation 7, who was given it instead of 6.
fn seventh() -> Session {
    Session { generation: 7, previous_generation: Some(6), ..session() }
}

/// What is decided about a token of that generation, so many milliseconds after the present one was issued.
fn verdict(session: &Session, generation: u32, after: u64) -> Verdict {
    let shown = Shown { generation, fingerprint: FIREFOX };
    decide(session, &shown, &Moment { now: at(ISSUED + after), window: WINDOW, marked: None })
}

const fn step(keep_previous: bool, noted: Noted) -> Verdict {
    Verdict::Step { keep_previous, noted }
}

const SAME: Verdict = Verdict::Same(Noted::Nothing);
const FIRST: Verdict = Verdict::Same(Noted::Presented);
const LATE: Verdict = Verdict::Same(Noted::Late);
const ONWARDS: Verdict = step(false, Noted::Presented);

#[test]
fn the_present_generation_is_given_again_until_the_window_closes() {
    let fresh = seventh();
    assert_eq!(verdict(&fresh, 7, 0), FIRST);
    assert_eq!(verdict(&fresh, 7, WINDOW - 1), FIRST);
    assert_eq!(verdict(&fresh, 7, WINDOW), ONWARDS);
    assert_eq!(verdict(&fresh, 7, 10 * WINDOW), ONWARDS);
    let shown_before = Session { presented: true, ..seventh() };
    assert_eq!(verdict(&shown_before, 7, WINDOW - 1), SAME);
    assert_eq!(verdict(&shown_before, 7, WINDOW), ONWARDS);
    assert_eq!(verdict(&session(), 0, 1), FIRST, "of a session just made, too");
}

#[test]
fn the_generation_before_is_answered_as_long_as_it_may_honestly_be_held() {
    let (fresh, shown) = (seventh(), Session { presented: true, ..seventh() });
    for (after, unseen, seen) in
        [(0, SAME, SAME), (WINDOW - 1, SAME, SAME), (WINDOW, LATE, Verdict::Reuse), (899_999, LATE, Verdict::Reuse)]
    {
        assert_eq!(verdict(&fresh, 6, after), unseen, "{after}");
        assert_eq!(verdict(&shown, 6, after), seen, "{after}");
    }
    // The access token is dead by then.
    assert_eq!(verdict(&fresh, 6, 900_000), step(true, Noted::Late));
}

#[test]
fn a_late_answer_is_given_again_for_a_window_and_not_twice_in_a_row() {
    let late = Session { answered_late_at: Some(at(ISSUED + 600_000)), ..seventh() };
    assert_eq!(verdict(&late, 6, 600_000 + WINDOW - 1), SAME, "the other tabs");
    assert_eq!(verdict(&late, 6, 600_000 + WINDOW), Verdict::Reuse, "late again");
    assert_eq!(verdict(&late, 5, 600_001), Verdict::Reuse);
    let further = Session { generation: 8, ..late.clone() };
    assert_eq!(verdict(&further, 7, 600_000 + WINDOW), LATE, "that answer did arrive");
    assert_eq!(verdict(&further, 6, 600_000 + WINDOW), Verdict::Reuse);
    // Who got it goes on, and those who ask for it still may.
    assert_eq!(verdict(&late, 7, 600_000 + WINDOW - 1), step(true, Noted::Presented));
    assert_eq!(verdict(&late, 7, 600_000 + WINDOW), ONWARDS);
    let dying = Session { access_expires_at: at(ISSUED + 610_000), ..late };
    assert_eq!(verdict(&dying, 6, 610_000), step(true, Noted::Nothing));
}

#[test]
fn what_is_older_was_copied_and_what_is_newer_was_lost() {
    let fresh = seventh();
    for after in [0, WINDOW, 10 * WINDOW] {
        for generation in 0..6 {
            assert_eq!(verdict(&fresh, generation, after), Verdict::Reuse, "{generation}");
        }
        for generation in [8, 9, u32::MAX] {
            assert_eq!(verdict(&fresh, generation, after), Verdict::HistoryLost, "{generation}");
        }
    }
    let wide = Session { previous_generation: Some(4), ..seventh() };
    assert_eq!([3, 4, 5, 6].map(|generation| verdict(&wide, generation, 0)), [Verdict::Reuse, SAME, SAME, SAME]);
    let none = Session { previous_generation: None, ..seventh() };
    assert_eq!(verdict(&none, 6, 0), Verdict::Reuse);
}

#[test]
fn another_device_has_the_generation_before_from_nowhere_good() {
    let by = |session: &Session, generation, fingerprint, after| {
        let at = Moment { now: at(ISSUED + after), window: WINDOW, marked: None };
        decide(session, &Shown { generation, fingerprint }, &at)
    };
    for other in [CURL, None] {
        assert_eq!(by(&seventh(), 6, other, 0), Verdict::Reuse);
        assert_eq!(by(&seventh(), 6, other, WINDOW), LATE, "browsers are updated while laptops sleep");
        assert_eq!(by(&seventh(), 7, other, 0), FIRST, "and while they do not");
        assert_eq!(by(&seventh(), 7, other, WINDOW), ONWARDS);
    }
    let nameless = Session { fingerprint: None, ..seventh() };
    assert_eq!(by(&nameless, 6, None, 0), SAME);
    assert_eq!(by(&nameless, 6, FIREFOX, 0), Verdict::Reuse);
}

#[test]
fn a_mark_makes_a_step_at_once_and_leaves_nobody_behind() {
    let by = |session: &Session, generation, marked, after| {
        let at = Moment { now: at(ISSUED + after), window: WINDOW, marked: Some(at(marked)) };
        decide(session, &Shown { generation, fingerprint: FIREFOX }, &at)
    };
    assert_eq!(by(&seventh(), 7, ISSUED, 1), FIRST, "nothing issued at the mark's own moment is hit");
    assert_eq!(by(&seventh(), 7, ISSUED + 1, 1), step(true, Noted::Presented));
    assert_eq!(by(&seventh(), 7, ISSUED + 1, WINDOW), ONWARDS);
    assert_eq!(by(&seventh(), 6, ISSUED + 1, 1), step(true, Noted::Nothing));
    assert_eq!(by(&seventh(), 6, ISSUED + 1, WINDOW), step(true, Noted::Late));
    assert_eq!(by(&seventh(), 5, ISSUED + 1, 1), Verdict::Reuse);
}

#[test]
fn tokens_that_are_dead_are_not_given_again() {
    let short = Session { access_expires_at: at(ISSUED + 10_000), ..seventh() };
    assert_eq!(verdict(&short, 7, 9_999), FIRST);
    assert_eq!(verdict(&short, 7, 10_000), step(true, Noted::Presented));
    assert_eq!(verdict(&short, 6, 10_000), step(true, Noted::Nothing));
}
