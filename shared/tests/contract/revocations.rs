//! The set of revocations that an edge keeps: what each kind of entry hits, and what heads and snapshots make of it.

use super::kit::{ACTOR, acme, acme_key, claims, demo, demo_key, now, session};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sealgate_shared::claims::Claims;
use sealgate_shared::id::{KeyId, SessionId};
use sealgate_shared::revocation::{Entry, Head, Position, RevocationSet, Revoked, Taken};
use sealgate_shared::time::UnixMillis;

fn at(epoch: u64, sequence: u64) -> Position {
    Position { epoch, sequence }
}

fn entry(revoked: Revoked) -> Entry {
    Entry { revoked, expires_at: now().plus(900_000) }
}

fn head(position: Position, after: u64, entries: Vec<Entry>) -> Head {
    Head { challenge: String::new(), position, after, keyring: 1, snapshot: position.sequence, entries }
}

fn set_of(entries: Vec<Entry>) -> RevocationSet {
    let mut set = RevocationSet::new();
    assert_eq!(set.take(head(at(1, 1), 0, entries)), Taken::Complete);
    set
}

fn set_of_one(revoked: Revoked) -> RevocationSet {
    set_of(vec![entry(revoked)])
}

/// A set that lacks nothing up to there.
fn complete_at(position: Position) -> RevocationSet {
    let mut set = RevocationSet::new();
    assert!(set.took_snapshot(position));
    set
}

fn actor_mark(except: Option<SessionId>, issued_before: UnixMillis) -> Revoked {
    Revoked::Actor {
        tenant: demo(),
        actor_type: "user".parse().unwrap(),
        actor_id: ACTOR.parse().unwrap(),
        except,
        issued_before,
    }
}

fn hits(set: &RevocationSet, claims: &Claims) -> bool {
    set.hits(claims, demo_key().id())
}

fn issued_at(issued_at: UnixMillis) -> Claims {
    Claims { issued_at, ..claims() }
}

/// The moment itself is not hit, and the millisecond before it is.
fn assert_hits_before(set: &RevocationSet, moment: UnixMillis, claims: &Claims) {
    for (issued_at, expected) in [
        (UnixMillis::EPOCH, true),
        (moment.minus(1), true),
        (moment, false),
        (moment.plus(1), false),
        (UnixMillis::MAX, false),
    ] {
        assert_eq!(hits(set, &Claims { issued_at, ..claims.clone() }), expected, "issued at {issued_at}");
    }
}

#[test]
fn nothing_known_hits_nothing() {
    let set = RevocationSet::new();
    assert!(!hits(&set, &claims()));
    assert_eq!((set.position(), set.newest(), set.len(), set.is_empty()), (None, None, 0, true));
}

#[test]
fn a_session_is_hit_whenever_it_was_issued_and_no_other_is() {
    let set = set_of_one(Revoked::Session(session(7)));
    for issued in [UnixMillis::EPOCH, now(), UnixMillis::MAX] {
        assert!(hits(&set, &issued_at(issued)));
        assert!(set.hits(&issued_at(issued), acme_key().id()), "whatever signed it");
    }
    assert!(!hits(&set, &Claims { session: session(8), ..claims() }));
    assert_eq!((set.len(), set.is_empty()), (1, false));
}

#[test]
fn a_key_is_hit_whenever_it_says_it_signed_and_no_other_is() {
    let set = set_of_one(Revoked::Key(demo_key().id()));
    for issued in [UnixMillis::EPOCH, now(), UnixMillis::MAX] {
        assert!(hits(&set, &issued_at(issued)));
        assert!(!set.hits(&issued_at(issued), acme_key().id()));
    }
}

#[test]
fn a_tenant_is_hit_before_the_moment_and_no_other_is() {
    let set = set_of_one(Revoked::Tenant { tenant: demo(), issued_before: now() });
    assert_hits_before(&set, now(), &claims());
    assert_hits_before(&set, now(), &Claims { actor_id: "ada".parse().unwrap(), ..claims() });
    assert!(!hits(&set, &Claims { tenant: acme(), ..issued_at(UnixMillis::EPOCH) }));
}

#[test]
fn an_actor_is_hit_before_the_moment_and_nobody_else_is() {
    let set = set_of_one(actor_mark(None, now()));
    assert_hits_before(&set, now(), &claims());
    assert_hits_before(&set, now(), &Claims { session: session(8), ..claims() });
    let before = || issued_at(now().minus(1));
    for other in [
        Claims { tenant: acme(), ..before() },
        Claims { actor_type: "service".parse().unwrap(), ..before() },
        Claims { actor_id: "ada".parse().unwrap(), ..before() },
    ] {
        assert!(!hits(&set, &other), "{other:?}");
    }
}

#[test]
fn a_session_that_is_spared_is_the_only_one() {
    let set = set_of_one(actor_mark(Some(session(7)), now()));
    assert!(!hits(&set, &issued_at(now().minus(1))));
    assert!(!hits(&set, &issued_at(UnixMillis::EPOCH)));
    assert_hits_before(&set, now(), &Claims { session: session(8), ..claims() });
}

#[test]
fn two_marks_of_one_actor_hit_what_either_hits() {
    let (early, late) = (now().minus(60_000), now());
    let of = |one: Revoked, other: Revoked| [vec![one.clone(), other.clone()], vec![other, one]];
    let in_session = |number| Claims { session: session(number), ..claims() };
    let check = |marks: [Vec<Revoked>; 2], ends: [(u8, UnixMillis); 3]| {
        for marks in marks {
            let set = set_of(marks.iter().cloned().map(entry).collect());
            for (number, end) in ends {
                assert_hits_before(&set, end, &in_session(number));
            }
            assert_eq!(set.len(), 1, "however many there are");
        }
    };
    let (seven, eight) = (Some(session(7)), Some(session(8)));
    // Each hits the session that the other spares.
    check(of(actor_mark(seven, early), actor_mark(eight, late)), [(7, late), (8, early), (9, late)]);
    check(of(actor_mark(seven, late), actor_mark(eight, late)), [(7, late), (8, late), (9, late)]);
    check(of(actor_mark(None, early), actor_mark(seven, late)), [(7, early), (8, late), (9, late)]);
    check(of(actor_mark(seven, early), actor_mark(None, late)), [(7, late), (8, late), (9, late)]);
    let set = set_of(vec![entry(actor_mark(seven, early)), entry(actor_mark(seven, late))]);
    assert!(!hits(&set, &issued_at(UnixMillis::EPOCH)));
    assert_hits_before(&set, late, &in_session(8));
}

#[test]
fn two_marks_of_one_tenant_hit_what_either_hits() {
    for moments in [[now(), now().minus(60_000)], [now().minus(60_000), now()]] {
        let mark = |issued_before| entry(Revoked::Tenant { tenant: demo(), issued_before });
        assert_hits_before(&set_of(moments.map(mark).into()), now(), &claims());
    }
}

#[test]
fn heads_that_reach_back_to_what_is_held_keep_it_complete() {
    let mut set = complete_at(at(1, 100));
    let taken = |set: &mut RevocationSet, sequence, after| set.take(head(at(1, sequence), after, vec![]));
    assert_eq!(taken(&mut set, 110, 99), Taken::Complete);
    assert_eq!(set.position(), Some(at(1, 110)));
    assert_eq!(taken(&mut set, 120, 110), Taken::Complete);
    assert_eq!(taken(&mut set, 120, 110), Taken::Complete, "nothing new is no gap");
    assert_eq!(taken(&mut set, 131, 121), Taken::Gap(at(1, 131)), "number 121 is missing");
    assert_eq!((set.position(), set.newest()), (Some(at(1, 120)), Some(at(1, 131))));
    assert_eq!(taken(&mut set, 131, 120), Taken::Complete);
    assert_eq!((set.position(), set.newest()), (Some(at(1, 131)), Some(at(1, 131))));
}

#[test]
fn a_head_of_everything_needs_nothing_before_it() {
    for mut set in [RevocationSet::new(), complete_at(at(1, 100)), complete_at(at(2, 100))] {
        assert_eq!(set.take(head(at(3, 4), 0, vec![])), Taken::Complete);
        assert_eq!(set.position(), Some(at(3, 4)));
    }
    // And a feed in which nothing ever happened is known to be empty.
    let mut set = RevocationSet::new();
    assert_eq!(set.take(head(at(1, 0), 0, vec![])), Taken::Complete);
    assert_eq!(set.position(), Some(at(1, 0)));
}

#[test]
fn what_a_head_tells_counts_although_entries_before_it_are_missing() {
    let mut set = RevocationSet::new();
    let revoked = vec![entry(Revoked::Session(session(7)))];
    let told = Head { snapshot: 140, ..head(at(1, 150), 130, revoked) };
    assert_eq!(set.take(told), Taken::Gap(at(1, 140)));
    assert!(hits(&set, &claims()));
    assert_eq!(set.position(), None);
}

#[test]
fn an_older_head_leaves_the_set_as_it_was() {
    let revoked = || vec![entry(Revoked::Session(session(7)))];
    let gap = |mut set: RevocationSet, position, after| {
        assert!(matches!(set.take(head(position, after, vec![])), Taken::Gap(_)));
        set
    };
    for (mut set, older) in [
        (complete_at(at(1, 100)), at(1, 99)),
        (complete_at(at(2, 100)), at(1, 999)),
        (gap(RevocationSet::new(), at(1, 100), 90), at(1, 99)),
        (gap(complete_at(at(1, 50)), at(1, 100), 90), at(1, 99)),
        (gap(complete_at(at(1, 50)), at(2, 60), 55), at(1, 70)),
    ] {
        let before = format!("{set:?}");
        for after in [0, 10, older.sequence] {
            assert_eq!(set.take(head(older, after, revoked())), Taken::Older, "{older} after {after}");
        }
        assert_eq!(format!("{set:?}"), before);
        assert!(!hits(&set, &claims()));
    }
}

#[test]
fn a_later_epoch_comes_after_all_of_an_earlier_one_and_begins_with_a_gap() {
    let mut set = complete_at(at(1, 500));
    assert_eq!(set.take(head(at(2, 40), 30, vec![])), Taken::Gap(at(2, 40)), "500 are more than 30, but of epoch 1");
    assert_eq!(set.position(), Some(at(1, 500)));
    assert!(!set.took_snapshot(at(1, 600)), "of the epoch that is over");
    assert!(!set.took_snapshot(at(2, 29)), "number 30 is missing");
    assert!(set.took_snapshot(at(2, 30)));
    assert_eq!(set.position(), Some(at(2, 40)));
    assert_eq!(set.take(head(at(1, 9_999), 0, vec![])), Taken::Older);
}

#[test]
fn a_snapshot_closes_the_gap_that_it_reaches_and_no_other() {
    let with_gap = || {
        let mut set = complete_at(at(1, 10));
        assert_eq!(set.take(head(at(1, 100), 90, vec![])), Taken::Gap(at(1, 100)));
        set
    };
    let snapshot = |sequence| {
        let mut set = with_gap();
        (set.took_snapshot(at(1, sequence)), set.position())
    };
    assert_eq!(snapshot(5), (false, Some(at(1, 10))), "older than what is held");
    assert_eq!(snapshot(89), (false, Some(at(1, 89))), "number 90 is missing");
    assert_eq!(snapshot(90), (true, Some(at(1, 100))));
    assert_eq!(snapshot(100), (true, Some(at(1, 100))));
    assert_eq!(snapshot(120), (true, Some(at(1, 120))));
    let mut set = with_gap();
    assert!(set.took_snapshot(at(2, 1)), "after all that the head told of");
    assert_eq!((set.position(), set.newest()), (Some(at(2, 1)), Some(at(2, 1))));
    assert_eq!(set.take(head(at(2, 5), 1, vec![])), Taken::Complete);
}

#[test]
fn heads_that_follow_each_other_need_only_the_snapshot_of_the_first() {
    let mut set = RevocationSet::new();
    for sequence in [100, 110, 120, 130] {
        assert!(matches!(set.take(head(at(1, sequence), sequence - 10, vec![])), Taken::Gap(_)));
    }
    assert!(set.took_snapshot(at(1, 90)));
    assert_eq!(set.position(), Some(at(1, 130)));

    let mut set = RevocationSet::new();
    for (sequence, after) in [(100, 90), (120, 101)] {
        assert!(matches!(set.take(head(at(1, sequence), after, vec![])), Taken::Gap(_)));
    }
    assert!(!set.took_snapshot(at(1, 100)), "number 101 is in neither head");
    assert!(set.took_snapshot(at(1, 101)));

    let mut set = RevocationSet::new();
    for (position, after) in [(at(1, 100), 90), (at(2, 100), 95)] {
        assert!(matches!(set.take(head(position, after, vec![])), Taken::Gap(_)));
    }
    assert!(!set.took_snapshot(at(2, 90)), "heads of two epochs do not follow each other");
}

#[test]
fn a_forgotten_position_is_asked_for_again() {
    let mut set = complete_at(at(1, 100));
    assert_eq!(set.take(head(at(1, 110), 100, vec![entry(Revoked::Session(session(7)))])), Taken::Complete);
    set.forget_position();
    assert_eq!((set.position(), set.newest()), (None, None));
    assert!(hits(&set, &claims()));
    assert_eq!(set.take(head(at(1, 110), 100, vec![])), Taken::Gap(at(1, 110)));
    set.forget_position();
    assert!(set.took_snapshot(at(1, 100)), "nor is there a gap that is known of");
    assert_eq!(set.position(), Some(at(1, 100)));
}

#[test]
fn what_concerns_no_living_token_is_forgotten() {
    let kinds = [
        Revoked::Session(session(7)),
        Revoked::Key(demo_key().id()),
        Revoked::Tenant { tenant: demo(), issued_before: now().plus(1) },
        actor_mark(None, now().plus(1)),
    ];
    for revoked in kinds {
        // Expiries travel and are kept in whole seconds, rounded up.
        let (short, long) = (now().plus(1_001), now().plus(60_000));
        for expiries in [vec![short], vec![short, long], vec![long, short]] {
            let entry = |&expires_at: &UnixMillis| Entry { revoked: revoked.clone(), expires_at };
            let mut set = set_of(expiries.iter().map(entry).collect());
            let end = if expiries.len() == 1 { now().plus(2_000) } else { long };
            assert_eq!(set.expires_at(), end);
            set.prune(now());
            set.prune(end.minus(1));
            assert!(hits(&set, &claims()), "{revoked:?}");
            set.prune(end);
            assert!(!hits(&set, &claims()) && set.is_empty(), "{revoked:?}");
            assert_eq!(set.position(), Some(at(1, 1)), "what is over is missing to nobody");
        }
    }
}

#[test]
fn an_expiry_beyond_what_is_kept_is_no_reason_to_forget() {
    for expires_at in [UnixMillis::MAX, UnixMillis::new(u64::from(u32::MAX) * 1_000 + 1).unwrap()] {
        let mut set = set_of(vec![Entry { revoked: Revoked::Session(session(7)), expires_at }]);
        set.prune(now().plus(60 * 365 * 86_400_000));
        assert!(hits(&set, &claims()));
        set.prune(UnixMillis::MAX);
        assert!(set.is_empty());
    }
}

/// Few enough of everything that entries and tokens meet.
fn any_revoked() -> impl Strategy<Value = Revoked> {
    let session = || (0_u8..3).prop_map(session);
    let tenant = || prop_oneof![Just(demo()), Just(acme())];
    let moment = || (0_u64..8).prop_map(|minutes| now().minus(minutes));
    prop_oneof![
        1 => session().prop_map(Revoked::Session),
        1 => (0_u8..8).prop_map(|number| Revoked::Key(KeyId::new([number; 8]))),
        1 => (tenant(), moment()).prop_map(|(tenant, issued_before)| Revoked::Tenant { tenant, issued_before }),
        6 => (tenant(), "[ab]", "[ab]", option::of(session()), moment()).prop_map(|(tenant, kind, id, except, moment)| {
            let (actor_type, actor_id, issued_before) = (kind.parse().unwrap(), id.parse().unwrap(), moment);
            Revoked::Actor { tenant, actor_type, actor_id, except, issued_before }
        }),
    ]
}

/// What the entry says, and nothing else.
fn is_hit_by(revoked: &Revoked, claims: &Claims, kid: KeyId) -> bool {
    match revoked {
        Revoked::Session(session) => claims.session == *session,
        Revoked::Key(key) => kid == *key,
        Revoked::Tenant { tenant, issued_before } => claims.tenant == *tenant && claims.issued_at < *issued_before,
        Revoked::Actor { tenant, actor_type, actor_id, except, issued_before } => {
            claims.tenant == *tenant
                && claims.actor_type == *actor_type
                && claims.actor_id == *actor_id
                && *except != Some(claims.session)
                && claims.issued_at < *issued_before
        }
    }
}

proptest! {
    #[test]
    fn a_set_hits_what_one_of_its_entries_hits(
        revoked in vec(any_revoked(), 0..12),
        tokens in vec((0_u8..3, any::<bool>(), "[ab]", "[ab]", 0_u64..9, 0_u8..9), 20),
    ) {
        let set = set_of(revoked.iter().cloned().map(entry).collect());
        for (number, in_demo, actor_type, actor_id, before, kid) in tokens {
            let claims = Claims {
                session: session(number),
                tenant: if in_demo { demo() } else { acme() },
                actor_type: actor_type.parse().unwrap(),
                actor_id: actor_id.parse().unwrap(),
                ..issued_at(now().minus(before))
            };
            let kid = KeyId::new([kid; 8]);
            let expected = revoked.iter().any(|revoked| is_hit_by(revoked, &claims, kid));
            prop_assert_eq!(set.hits(&claims, kid), expected, "{:?} under {:?}", claims, kid);
        }
    }
}
