use super::*;
use crate::sample::{NOW, keyring, settings_with};

const DAY: u64 = 24 * 3_600_000;

fn take(ring: &mut HeldRing, status: u16, body: &[u8], asked_at: u64) -> bool {
    ring.absorb(status, body, NOW.plus(asked_at), &settings_with(""))
}

/// One that was fetched at the moment 0.
fn held(version: u64) -> HeldRing {
    let mut ring = HeldRing::new();
    assert!(take(&mut ring, 200, &keyring(version), 0));
    ring
}

#[test]
fn only_this_edges_keyring_is_taken_and_none_older() {
    let mut ring = HeldRing::new();
    let mut bent = keyring(5);
    bent[20] ^= 1;
    for (status, body, version) in [
        (200, bent.as_slice(), None),
        (200, b"", None),
        (304, b"", None),
        (0, b"", None),
        (200, &keyring(5), Some(5)),
        (200, &keyring(4), Some(5)),
        (500, &keyring(6), Some(5)),
        (200, &keyring(6)[1..], Some(5)),
        (200, &keyring(6), Some(6)),
    ] {
        let held = ring.version();
        let taken = take(&mut ring, status, body, 0);
        assert_eq!((taken, ring.version()), (version != held, version), "{status}");
    }
    assert!(take(&mut ring, 200, &keyring(6), 1), "the same again");
    assert!(take(&mut ring, 304, b"", 2), "nothing has changed");
}

#[test]
fn a_keyring_is_used_for_a_day_after_the_question() {
    let ring = held(1);
    assert!(ring.get(NOW.plus(DAY - 1)).is_some());
    assert!(ring.get(NOW.plus(DAY)).is_none());
    assert_eq!(ring.version(), Some(1), "it may still turn out to be the newest");
}

#[test]
fn whoever_says_that_it_is_the_newest_makes_it_good_for_another_day() {
    let mut ring = held(2);
    assert!(take(&mut ring, 304, b"", DAY - 1));
    assert!(ring.get(NOW.plus(2 * DAY - 2)).is_some());
    let mut ring = held(2);
    ring.told(2, NOW.plus(DAY - 1));
    assert!(ring.get(NOW.plus(2 * DAY - 2)).is_some());
    ring.told(2, NOW.plus(5));
    assert!(ring.get(NOW.plus(2 * DAY - 2)).is_some(), "a late answer makes nothing older");
    let mut ring = held(2);
    ring.told(1, NOW.plus(DAY - 1));
    assert!(ring.get(NOW.plus(DAY)).is_none(), "that was said of another");
}

#[test]
fn it_is_not_used_once_a_newer_one_was_spoken_of() {
    let mut ring = held(2);
    ring.told(3, NOW);
    assert!(ring.get(NOW).is_none());
    ring.told(2, NOW.plus(1));
    assert!(ring.get(NOW.plus(1)).is_none(), "what was said is not taken back");
    assert!(take(&mut ring, 200, &keyring(3), 1));
    assert_eq!(ring.get(NOW.plus(1)).map(Keyring::version), Some(3));
}

#[test]
fn after_a_fruitless_fetch_a_second_passes() {
    for (status, body) in [(0, vec![]), (503, vec![]), (200, keyring(1)), (304, vec![])] {
        let mut ring = held(1);
        ring.told(2, NOW);
        assert!(ring.may_fetch(NOW));
        take(&mut ring, status, &body, 500);
        assert!(!ring.may_fetch(NOW.plus(1_499)) && ring.may_fetch(NOW.plus(1_500)), "{status}");
        assert!(ring.may_fetch(NOW.plus(499)), "the clock was set back");
        take(&mut ring, 200, &keyring(2), 1_500);
        assert!(ring.may_fetch(NOW.plus(1_501)));
    }
}

#[test]
fn it_is_renewed_after_a_minute_without_a_word_of_the_origin() {
    assert!(!HeldRing::new().wants_renewal(NOW), "there is none to renew");
    let mut ring = held(1);
    assert!(!ring.wants_renewal(NOW.plus(59_999)) && ring.wants_renewal(NOW.plus(60_000)));
    ring.told(1, NOW.plus(50_000));
    assert!(!ring.wants_renewal(NOW.plus(109_999)) && ring.wants_renewal(NOW.plus(110_000)));
    take(&mut ring, 503, b"", 110_000);
    assert!(!ring.wants_renewal(NOW.plus(110_999)) && ring.wants_renewal(NOW.plus(111_000)));
}
