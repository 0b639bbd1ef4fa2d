//! Several cookies of our name. The vectors hold more cases; these are the rules one by one.

use super::kit::{claims, demo, now, retired_key, revoked_key, ring, seal, seal_under, session};
use proptest::prelude::*;
use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::{MAX_MACS, Selection, select};
use sealgate_shared::reject::Reject;

fn choose(values: &[String]) -> Selection {
    select(values.iter().map(String::as_str), &ring(), &demo(), now())
}

fn good() -> String {
    seal(&claims())
}

fn of_generation(generation: u32) -> String {
    seal(&Claims { generation, ..claims() })
}

fn of_another_session() -> String {
    seal(&Claims { session: session(8), ..claims() })
}

fn expired() -> String {
    seal(&Claims { issued_at: now().minus(60_000), expires_at: now(), ..claims() })
}

/// Of the right form and of a known key, so that it costs a MAC.
fn forged() -> String {
    let token = good();
    format!("{}{}", &token[..token.len() - 43], "A".repeat(43))
}

/// Of a key whose tokens are all dead.
fn retired() -> String {
    seal_under(&retired_key(), &claims())
}

fn revoked() -> String {
    seal_under(&revoked_key(), &claims())
}

fn generation(selection: &Selection) -> u32 {
    match selection {
        Selection::Verified(token) => token.claims().generation,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_missing() {
    assert_eq!(choose(&[]), Selection::Missing);
}

#[test]
fn of_one_session_the_highest_generation() {
    assert_eq!(generation(&choose(&[of_generation(2), of_generation(9), of_generation(4)])), 9);
}

#[test]
fn of_two_sessions_none() {
    let ambiguous = Selection::Rejected(Reject::AmbiguousSession);
    assert_eq!(choose(&[good(), of_another_session()]), ambiguous);
    assert_eq!(choose(&[of_another_session(), good()]), ambiguous);
    assert_eq!(choose(&[good(), of_another_session(), of_generation(99)]), ambiguous);
    assert_eq!(choose(&[good(), of_another_session(), expired()]), ambiguous);
}

#[test]
fn junk_and_the_dead_do_not_hide_a_good_one() {
    for other in [String::new(), "junk".into(), forged(), expired(), retired(), revoked()] {
        assert_eq!(generation(&choose(&[other.clone(), good()])), 0, "{other}");
        assert_eq!(generation(&choose(&[good(), other.clone()])), 0, "{other}");
    }
}

#[test]
fn an_expired_one_says_whose_it_was() {
    match choose(&["junk".into(), forged(), expired()]) {
        Selection::Expired(token) => assert_eq!(token.claims().session, session(7)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_whose_key_is_long_retired_is_expired_and_proves_nothing() {
    let unproven = Selection::Rejected(Reject::Expired);
    for values in [
        vec![retired()],
        vec!["junk".into(), forged(), retired()],
        vec![retired(), "junk".into(), revoked()],
        vec![revoked(), retired()],
    ] {
        assert_eq!(choose(&values), unproven, "{values:?}");
    }
    // A proven one says more, and whose it was.
    for values in [[retired(), expired()], [expired(), retired()]] {
        assert!(matches!(choose(&values), Selection::Expired(token) if token.claims().session == session(7)));
    }
}

#[test]
fn one_whose_key_was_revoked_is_a_reason_like_others() {
    assert_eq!(choose(&[revoked(), "junk".into()]), Selection::Rejected(Reject::Revoked));
    assert_eq!(choose(&["junk".into(), revoked()]), Selection::Rejected(Reject::Malformed));
    let ambiguous = Selection::Rejected(Reject::AmbiguousSession);
    assert_eq!(choose(&[good(), of_another_session(), revoked(), retired()]), ambiguous);
}

#[test]
fn without_a_good_one_the_first_reason() {
    assert_eq!(choose(&["junk".into(), forged()]), Selection::Rejected(Reject::Malformed));
    assert_eq!(choose(&[forged(), "junk".into()]), Selection::Rejected(Reject::BadMac));
}

#[test]
fn no_more_than_four_macs_are_computed() {
    assert_eq!(MAX_MACS, 4);
    let behind = |forgeries| [vec![forged(); forgeries], vec![good()]].concat();
    assert_eq!(generation(&choose(&behind(3))), 0);
    assert_eq!(choose(&behind(4)), Selection::Rejected(Reject::BadMac));
    // What never comes to a MAC is not counted.
    for free in ["junk".into(), retired(), revoked()] {
        assert_eq!(generation(&choose(&[vec![free; 50], behind(3)].concat())), 0);
    }
}

proptest! {
    /// As long as all of them are looked at, the order of the cookies decides nothing.
    #[test]
    fn the_order_does_not_matter(values in Just(vec![
        of_generation(1), of_generation(5), expired(), forged(), "junk".to_owned(), "v2.a.b.c".to_owned(), retired(), revoked(),
    ]).prop_shuffle()) {
        prop_assert_eq!(generation(&choose(&values)), 5);
    }
}
