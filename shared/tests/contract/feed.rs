//! The two documents of the feed: what opens, what does not, and that a snapshot is read whole or not at all.

use super::kit::{self, acme, demo, demo_key, now, session};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use sealgate_shared::claims::Claims;
use sealgate_shared::edge::{EdgeSecret, OpenEnvelopeError};
use sealgate_shared::id::{EdgeId, KeyId, SessionId};
use sealgate_shared::keyring::KeyringDocument;
use sealgate_shared::revocation::{
    Entry, FeedError, Head, NoNonce, Position, RevocationSet, Revoked, SnapshotReader, SnapshotStep, write_snapshot,
};
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sha2::Sha256;

const SECRET: [u8; 32] = [0x5A; 32];
const NONCE: [u8; 12] = [9; 12];
const MAKING: [u8; 8] = [0xA1; 8];
const POSITION: Position = Position { epoch: 1, sequence: 300 };
const CLOSED: FeedError = FeedError::Envelope(OpenEnvelopeError);

fn edge() -> EdgeId {
    "edge-1".parse().unwrap()
}

fn secret() -> EdgeSecret {
    EdgeSecret::new(Secret32::new(SECRET))
}

fn every_kind() -> Vec<Entry> {
    let issued_before = now();
    let (actor_type, actor_id) = ("user".parse().unwrap(), kit::ACTOR.parse().unwrap());
    let kinds = [
        Revoked::Session(session(7)),
        Revoked::Actor { tenant: demo(), actor_type, actor_id, except: Some(session(8)), issued_before },
        Revoked::Tenant { tenant: acme(), issued_before },
        Revoked::Key(demo_key().id()),
    ];
    let entry = |(number, revoked): (u64, _)| Entry { revoked, expires_at: now().plus(number * 1_000) };
    (0..).zip(kinds).map(entry).collect()
}

fn head() -> Head {
    Head {
        challenge: "challenge-1".to_owned(),
        position: POSITION,
        after: 290,
        keyring: 7,
        snapshot: 295,
        entries: every_kind(),
    }
}

fn open(sealed: &[u8]) -> Result<Head, FeedError> {
    Head::open(sealed, &edge(), &secret())
}

fn cipher() -> Aes256Gcm {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(b"sealgate/v1/edge"), &SECRET).expand(b"seal", &mut key).unwrap();
    Aes256Gcm::new(&key.into())
}

/// An envelope that opens, whatever is in it.
fn seal(purpose: &str, content: &[u8]) -> Vec<u8> {
    let aad = format!("sealgate/v1/feed/{purpose}\0edge-1");
    let sealed = cipher().encrypt(&NONCE.into(), Payload { msg: content, aad: aad.as_bytes() }).unwrap();
    [&[1][..], &NONCE, &sealed].concat()
}

fn content(purpose: &str, sealed: &[u8]) -> Vec<u8> {
    let aad = format!("sealgate/v1/feed/{purpose}\0edge-1");
    cipher().decrypt(&NONCE.into(), Payload { msg: &sealed[13..], aad: aad.as_bytes() }).unwrap()
}

#[test]
fn a_head_goes_there_and_back() {
    assert_eq!(open(&head().seal(&edge(), &secret(), NONCE)), Ok(head()));
}

#[test]
fn no_other_edge_opens_a_head() {
    let sealed = head().seal(&edge(), &secret(), NONCE);
    assert_eq!(Head::open(&sealed, &"edge-2".parse().unwrap(), &secret()), Err(CLOSED));
    let other = EdgeSecret::new(Secret32::new([0x5B; 32]));
    assert_eq!(Head::open(&sealed, &edge(), &other), Err(CLOSED));
}

#[test]
fn one_bit_or_byte_closes_a_head() {
    let sealed = head().seal(&edge(), &secret(), NONCE);
    for position in 0..sealed.len() {
        let mut bent = sealed.clone();
        bent[position] ^= 1 << (position % 8);
        assert_eq!(open(&bent), Err(CLOSED), "byte {position}");
        assert_eq!(open(&sealed[..position]), Err(CLOSED), "cut to {position}");
    }
    assert_eq!(open(&[&sealed[..], &[0]].concat()), Err(CLOSED));
}

#[test]
fn documents_do_not_take_each_others_place() {
    let chunk = &snapshot(&every_kind())[4..];
    assert!(read(&[&snapshot(&every_kind())]).is_ok());
    assert_eq!(open(chunk), Err(CLOSED), "a part of a snapshot");
    let keyring = KeyringDocument { version: 1, max_lifetime_ms: 1, keys: vec![] };
    assert_eq!(open(&keyring.seal(&edge(), &secret(), NONCE)), Err(CLOSED), "a keyring");
    let sealed = head().seal(&edge(), &secret(), NONCE);
    assert_eq!(read(&[&framed(&sealed)]), Err(CLOSED), "a head");
    assert!(KeyringDocument::open(&sealed, &edge(), &secret()).is_err());
    assert!(KeyringDocument::open(chunk, &edge(), &secret()).is_err());
}

/// Bytes that are nearly a head: each opens as something that is written in this very way, or not at all.
#[test]
fn there_is_one_way_to_write_a_head() {
    let good = content("head", &head().seal(&edge(), &secret(), NONCE));
    let (mut heads, mut refused) = (0, 0);
    let mut check = |content: &[u8]| {
        let sealed = seal("head", content);
        match open(&sealed) {
            Ok(head) => {
                assert_eq!(head.seal(&edge(), &secret(), NONCE), sealed, "{head:?}");
                heads += 1;
            }
            Err(error) => {
                assert_eq!(error, FeedError::Content);
                refused += 1;
            }
        }
    };
    check(&good);
    for position in 0..good.len() {
        let (before, [byte, after @ ..]) = good.split_at(position) else { unreachable!() };
        for bit in 0..8 {
            check(&[before, &[byte ^ 1 << bit], after].concat());
        }
        for more in [0, 1, 0x80] {
            check(&[before, &[more, *byte], after].concat());
        }
        check(&[before, after].concat());
        // Were it the last byte of a varint, then this would be the same number.
        check(&[before, &[byte | 0x80, 0], after].concat());
        check(before);
    }
    check(&[&good[..], &[0]].concat());
    assert!(heads > 100 && refused > 500, "{heads} heads, {refused} refused");
}

/// `after` is 2, the base 1 to the power of what follows.
fn head_of(after: u8, base: &[u8], entries: &[u8]) -> Vec<u8> {
    let start = [0, 1, 2, after, 1, 2];
    seal("head", &[&start, base, entries].concat())
}

#[test]
fn a_head_is_written_as_the_format_says() {
    let key = |after_base: u8| [&[after_base, 3][..], &[6; 8]].concat();
    let entries = |of: &[u8]| {
        [&[u8::try_from(of.len()).unwrap()], &of.iter().flat_map(|&n| key(n)).collect::<Vec<_>>()[..]].concat()
    };
    let read = open(&head_of(2, &[5], &entries(&[0, 3]))).unwrap();
    let entry = |seconds: u64| Entry {
        revoked: Revoked::Key(KeyId::new([6; 8])),
        expires_at: UnixMillis::EPOCH.plus(seconds * 1_000),
    };
    assert_eq!(read.entries, [entry(5), entry(8)]);
    assert_eq!((read.position, read.after, read.keyring, read.snapshot), (Position { epoch: 1, sequence: 2 }, 2, 1, 2));

    let refused = |sealed: &[u8], why: &str| assert_eq!(open(sealed), Err(FeedError::Content), "{why}");
    refused(&head_of(3, &[5], &entries(&[0])), "complete behind a number that there is not");
    refused(&head_of(2, &[4], &entries(&[1, 4])), "the base is not the first expiry");
    refused(&head_of(2, &[5], &entries(&[])), "a base of nothing");
    assert!(open(&head_of(2, &[0], &entries(&[]))).is_ok());
    refused(&head_of(2, &[0x85, 0], &entries(&[0])), "a varint too long");
    refused(&head_of(2, &[5], &[&entries(&[0])[..], &[0]].concat()), "a byte left over");
    // The last second of the year 9999, rounded up, and the one after it.
    let last = [0x80, 0x83, 0xD1, 0xFF, 0xAF, 0x07];
    assert_eq!(open(&head_of(2, &last, &entries(&[0]))).unwrap().entries[0].expires_at, UnixMillis::MAX);
    refused(&head_of(2, &last, &entries(&[0, 1])), "no moment is so late");
    let most = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1];
    refused(&head_of(2, &most, &entries(&[0])), "seconds that are too many milliseconds");
    refused(&head_of(2, &most, &entries(&[0, 1])), "more than 64 bits");
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let tenant = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    let moment = || (0..=UnixMillis::MAX.as_u64()).prop_map(|ms| UnixMillis::new(ms).unwrap());
    let session = || any::<[u8; 16]>().prop_map(SessionId::new);
    let actor = (tenant, "[a-z][a-z0-9_-]{0,31}", "[!-~]{1,128}", proptest::option::of(session()), moment());
    let actor = actor.prop_map(|(tenant, actor_type, actor_id, except, issued_before)| {
        let (actor_type, actor_id) = (actor_type.parse().unwrap(), actor_id.parse().unwrap());
        Revoked::Actor { tenant: tenant.parse().unwrap(), actor_type, actor_id, except, issued_before }
    });
    let tenant = (tenant, moment())
        .prop_map(|(tenant, issued_before)| Revoked::Tenant { tenant: tenant.parse().unwrap(), issued_before });
    let key = any::<[u8; 8]>().prop_map(|key| Revoked::Key(KeyId::new(key)));
    let revoked = prop_oneof![session().prop_map(Revoked::Session), actor, tenant, key];
    (revoked, moment()).prop_map(|(revoked, expires_at)| Entry { revoked, expires_at })
}

/// How the expiry arrives.
fn rounded_up(entry: &Entry) -> Entry {
    let seconds = entry.expires_at.as_u64().div_ceil(1_000);
    Entry { revoked: entry.revoked.clone(), expires_at: UnixMillis::new(seconds * 1_000).unwrap_or(UnixMillis::MAX) }
}

proptest! {
    #[test]
    fn any_head_goes_there_and_back(
        challenge in "[A-Za-z0-9-]{0,64}",
        numbers in any::<(u64, u64, u64, u64)>(),
        after in any::<u64>(),
        entries in vec(any_entry(), 0..20),
        nonce in any::<[u8; 12]>(),
    ) {
        let (epoch, sequence, keyring, snapshot) = numbers;
        let after = after.min(sequence);
        let head = Head { challenge, position: Position { epoch, sequence }, after, keyring, snapshot, entries };
        let arrived = Head { entries: head.entries.iter().map(rounded_up).collect(), ..head.clone() };
        prop_assert_eq!(open(&head.seal(&edge(), &secret(), nonce)), Ok(arrived));
    }

    #[test]
    fn whatever_is_sealed_is_a_head_or_refused(bytes in vec(prop_oneof![0_u8..4, any::<u8>()], 0..80)) {
        let sealed = seal("head", &bytes);
        if let Ok(head) = open(&sealed) {
            prop_assert_eq!(head.seal(&edge(), &secret(), NONCE), sealed);
        }
        prop_assert_eq!(open(&bytes), Err(CLOSED));
    }
}

fn snapshot(entries: &[Entry]) -> Vec<u8> {
    write_snapshot(POSITION, entries, MAKING, (&edge(), &secret()), || Ok(NONCE)).unwrap()
}

/// A part as the format describes it, of sessions that all expire in the first second of 1970.
struct Part {
    position: Position,
    making: [u8; 8],
    index: u8,
    is_last: bool,
    sessions: Vec<u8>,
}

fn framed(envelope: &[u8]) -> Vec<u8> {
    [&u32::try_from(envelope.len()).unwrap().to_be_bytes(), envelope].concat()
}

impl Part {
    fn content(&self) -> Vec<u8> {
        let number = |number: u64| match number {
            0..0x80 => vec![u8::try_from(number).unwrap()],
            _ => vec![u8::try_from(number % 0x80).unwrap() | 0x80, u8::try_from(number / 0x80).unwrap()],
        };
        let position = [number(self.position.epoch), number(self.position.sequence)].concat();
        let count = u8::try_from(self.sessions.len()).unwrap();
        let start =
            [&position[..], &self.making, &[self.index, self.is_last.into(), 6, 1 - u8::from(count == 0), count]];
        let entries = self.sessions.iter().flat_map(|&session| [&[0, 0][..], &[session; 16]].concat());
        start.concat().into_iter().chain(entries).collect()
    }

    fn bytes(&self) -> Vec<u8> {
        framed(&seal("snapshot", &self.content()))
    }
}

/// Six sessions in three parts.
fn parts_of(position: Position, making: [u8; 8]) -> [Vec<u8>; 3] {
    let part = |index: u8| {
        let sessions = vec![2 * index, 2 * index + 1];
        Part { position, making, index, is_last: index == 2, sessions }.bytes()
    };
    [part(0), part(1), part(2)]
}

fn parts() -> [Vec<u8>; 3] {
    parts_of(POSITION, MAKING)
}

/// What came of a snapshot: the last step, and the sessions that are in the set.
type Outcome = Result<(SnapshotStep, Vec<u8>), FeedError>;

/// Reads the pieces one after the other. Whatever comes of them, that the set is complete is not for the reader to say;
/// and after an error nothing is.
fn read(pieces: &[&[u8]]) -> Outcome {
    let (mut reader, mut set) = (SnapshotReader::new(POSITION), RevocationSet::new());
    let mut last = SnapshotStep::More;
    for piece in pieces {
        let step = reader.read(piece, (&edge(), &secret()), &mut set);
        assert_eq!((set.position(), reader.position()), (None, POSITION));
        if step.is_err() {
            for more in [&[][..], &parts()[1], &parts()[2], &parts().concat()] {
                assert_eq!(reader.read(more, (&edge(), &secret()), &mut set), step, "after an error");
            }
        }
        last = step?;
    }
    Ok((last, sessions_of(&set)))
}

fn sessions_of(set: &RevocationSet) -> Vec<u8> {
    let claims = |number| Claims { session: session(number), ..kit::claims() };
    (0..=u8::MAX).filter(|&number| set.hits(&claims(number), demo_key().id())).collect()
}

fn done(sessions: &[u8]) -> (SnapshotStep, Vec<u8>) {
    (SnapshotStep::Done, sessions.to_vec())
}

fn more(sessions: &[u8]) -> (SnapshotStep, Vec<u8>) {
    (SnapshotStep::More, sessions.to_vec())
}

#[test]
fn a_snapshot_is_all_that_was_written() {
    for count in [0, 1, 999, 1_000, 1_001, 2_000, 2_001_u64] {
        let name = |number: u64| [number.to_be_bytes(), [0; 8]].concat().try_into().unwrap();
        let session = |number| Revoked::Session(SessionId::new(name(number)));
        let entries: Vec<_> = (0..count).map(|n| Entry { revoked: session(n), expires_at: now().plus(n) }).collect();
        let written = snapshot(&entries);
        let (mut reader, mut set) = (SnapshotReader::new(POSITION), RevocationSet::new());
        assert_eq!(reader.read(&written, (&edge(), &secret()), &mut set), Ok(SnapshotStep::Done));
        assert_eq!(u64::try_from(set.len()).unwrap(), count);
        let claims = |number| Claims { session: SessionId::new(name(number)), ..kit::claims() };
        assert!((0..count).all(|number| set.hits(&claims(number), demo_key().id())));

        let (mut chunks, mut rest) = (0, &written[..]);
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
            assert!(length < 25_000, "{length} bytes of a thousand sessions");
            (chunks, rest) = (chunks + 1, &after[length..]);
        }
        assert_eq!(chunks, count.div_ceil(1_000).max(1));
    }
}

#[test]
fn every_kind_of_entry_is_in_a_snapshot() {
    let (mut reader, mut set) = (SnapshotReader::new(POSITION), RevocationSet::new());
    assert_eq!(reader.read(&snapshot(&every_kind()), (&edge(), &secret()), &mut set), Ok(SnapshotStep::Done));
    let at_last = head().entries.iter().map(|entry| entry.expires_at).max().unwrap();
    assert_eq!(set.len(), 4);
    set.prune(at_last.minus(1));
    assert_eq!(set.len(), 1, "each until its own expiry");
    assert!(set.hits(&kit::claims(), demo_key().id()), "the key was the last");
}

/// The longest marks that there can be fit into what is read.
#[test]
fn a_snapshot_of_the_longest_marks_can_be_read() {
    let mark = |number: u64| Revoked::Actor {
        tenant: "t".repeat(63).parse().unwrap(),
        actor_type: "u".repeat(32).parse().unwrap(),
        actor_id: format!("{number:x>128}").parse().unwrap(),
        except: Some(session(7)),
        issued_before: UnixMillis::MAX,
    };
    // One that is over already makes the others' distance from it long.
    let expires_at = |number| if number == 0 { UnixMillis::EPOCH } else { UnixMillis::MAX };
    let entries: Vec<_> = (0..1_000).map(|n| Entry { revoked: mark(n), expires_at: expires_at(n) }).collect();
    let (mut reader, mut set) = (SnapshotReader::new(POSITION), RevocationSet::new());
    assert_eq!(reader.read(&snapshot(&entries), (&edge(), &secret()), &mut set), Ok(SnapshotStep::Done));
    assert_eq!(set.len(), 1_000);
}

#[test]
fn a_snapshot_is_written_as_the_format_says() {
    assert_eq!(read(&[&parts().concat()]), Ok(done(&[0, 1, 2, 3, 4, 5])));
    assert_eq!(read(&[&parts()[0]]), Ok(more(&[0, 1])), "what has come is in the set at once");
    let session =
        |number| Entry { revoked: Revoked::Session(session(number)), expires_at: UnixMillis::EPOCH.plus(1_000) };
    let part = Part { position: POSITION, making: MAKING, index: 0, is_last: true, sessions: (0..6).collect() };
    assert_eq!(snapshot(&(0..6).map(session).collect::<Vec<_>>()), part.bytes());
}

#[test]
fn an_empty_snapshot_is_one_all_the_same() {
    assert_eq!(read(&[&snapshot(&[])]), Ok(done(&[])));
    assert_eq!(read(&[]), Ok(more(&[])));
    assert_eq!(read(&[&[]]), Ok(more(&[])));
    assert_eq!(read(&[&framed(&[])]), Err(CLOSED));
}

#[test]
fn no_snapshot_is_written_without_nonces() {
    let write = |nonce: &mut dyn FnMut() -> Result<[u8; 12], NoNonce>| {
        write_snapshot(POSITION, &every_kind(), MAKING, (&edge(), &secret()), nonce)
    };
    assert_eq!(write(&mut || Err(NoNonce)), Err(NoNonce));
    let mut drawn = 0_u8;
    let entries = vec![every_kind()[0].clone(); 2_500];
    let count = || {
        drawn += 1;
        Ok([drawn; 12])
    };
    let written = write_snapshot(POSITION, &entries, MAKING, (&edge(), &secret()), count).unwrap();
    assert_eq!(drawn, 3, "one for each part");
    assert!(written[4..].starts_with(&[1, 1, 1]));
}

#[test]
fn a_snapshot_that_was_cut_is_never_done() {
    let whole = parts().concat();
    for length in 0..whole.len() {
        let (step, sessions) = read(&[&whole[..length]]).unwrap();
        assert_eq!((step, sessions.len() % 2), (SnapshotStep::More, 0), "{length} bytes");
    }
    assert_eq!(read(&[&whole]), Ok(done(&[0, 1, 2, 3, 4, 5])));
}

#[test]
fn one_bit_closes_a_snapshot() {
    let whole = parts().concat();
    for position in 0..whole.len() {
        let mut bent = whole.clone();
        bent[position] ^= 1 << (position % 8);
        match read(&[&bent]) {
            Ok((step, _)) => assert_eq!(step, SnapshotStep::More, "a length that has grown: byte {position}"),
            Err(error) => assert!(matches!(error, CLOSED | FeedError::Content), "byte {position}: {error}"),
        }
    }
}

#[test]
fn parts_come_in_their_order_and_once_each() {
    let [one, two, three] = parts();
    let read = |parts: &[&Vec<u8>]| read(&[&parts.iter().copied().flatten().copied().collect::<Vec<_>>()]);
    assert_eq!(read(&[&one, &two, &three]), Ok(done(&[0, 1, 2, 3, 4, 5])));
    for (parts, why) in [
        (&[&two, &one, &three][..], "swapped"),
        (&[&one, &three, &two], "swapped"),
        (&[&one, &one, &two, &three], "repeated"),
        (&[&one, &two, &two, &three], "repeated"),
        (&[&two, &three], "the first is missing"),
        (&[&one, &three], "one is missing"),
        (&[&three], "the last alone"),
    ] {
        assert_eq!(read(parts), Err(FeedError::Sequence), "{why}");
    }
}

#[test]
fn parts_of_two_snapshots_do_not_mix() {
    let ([one, two, three], other_making) = (parts(), parts_of(POSITION, [0xA2; 8]));
    let read = |parts: &[&Vec<u8>]| read(&[&parts.iter().copied().flatten().copied().collect::<Vec<_>>()]);
    assert_eq!(read(&[&other_making[0], &other_making[1], &other_making[2]]), Ok(done(&[0, 1, 2, 3, 4, 5])));
    assert_eq!(read(&[&one, &other_making[1], &three]), Err(FeedError::Sequence));
    assert_eq!(read(&[&one, &two, &other_making[2]]), Err(FeedError::Sequence));
    for position in [(1, 299), (1, 301), (0, 300), (2, 300)].map(|(epoch, sequence)| Position { epoch, sequence }) {
        let other = parts_of(position, MAKING);
        assert_eq!(read(&[&other[0], &other[1], &other[2]]), Err(FeedError::Sequence), "{position} instead");
        assert_eq!(read(&[&one, &other[1], &three]), Err(FeedError::Sequence), "{position} among them");
    }
}

#[test]
fn nothing_follows_the_last_part() {
    let whole = parts().concat();
    for behind in [&[0][..], &[0; 4], &[0, 0, 0, 1, 1], &parts()[2], &whole] {
        assert_eq!(read(&[&[&whole, behind].concat()]), Err(FeedError::Content));
        assert_eq!(read(&[&whole, behind]), Err(FeedError::Content), "in a piece of its own");
    }
    assert_eq!(read(&[&whole, &[], &[]]), Ok(done(&[0, 1, 2, 3, 4, 5])));
}

#[test]
fn a_part_that_is_too_long_is_not_waited_for() {
    assert_eq!(read(&[&(512_u32 * 1_024).to_be_bytes()]), Ok(more(&[])));
    for length in [512 * 1_024 + 1, u32::MAX] {
        assert_eq!(read(&[&length.to_be_bytes()]), Err(FeedError::Content));
    }
}

#[test]
fn a_part_that_is_not_of_the_form_is_refused() {
    let part = || Part { position: POSITION, making: MAKING, index: 0, is_last: true, sessions: vec![0, 1] };
    let good = part().content();
    let read = |content: &[u8]| read(&[&framed(&seal("snapshot", content))]);
    assert_eq!(read(&good), Ok(done(&[0, 1])));
    for length in 0..good.len() {
        assert_eq!(read(&good[..length]), Err(FeedError::Content), "cut to {length}");
    }
    assert_eq!(read(&[&good[..], &[0]].concat()), Err(FeedError::Content), "a byte left over");
    // The epoch; where it is written longer it is the same number.
    assert_eq!(read(&[&[0x81, 0], &good[1..]].concat()), Err(FeedError::Content), "a varint too long");
    let (mut both, mut later) = (good.clone(), good.clone());
    both[12] = 2;
    assert_eq!(read(&both), Err(FeedError::Content), "neither last nor not");
    later[16] = 1;
    assert_eq!(read(&later), Ok(done(&[0, 1])), "only the first expiry is that of the base");
    later[34] = 1;
    assert_eq!(read(&later), Err(FeedError::Content), "and one of them has to be");
}

#[test]
fn a_part_that_is_refused_adds_nothing() {
    let part = |index| Part { position: POSITION, making: MAKING, index, is_last: true, sessions: vec![3, 4] };
    let bad = [part(0).content(), part(1).content()].map(|mut content| {
        // The kind of the second session.
        content[35] = 4;
        framed(&seal("snapshot", &content))
    });
    for (stream, error, before) in [
        (bad[0].clone(), FeedError::Content, vec![]),
        ([&parts()[0], &bad[1]].map(Vec::as_slice).concat(), FeedError::Content, vec![0, 1]),
        ([&parts()[0], &parts()[2]].map(Vec::as_slice).concat(), FeedError::Sequence, vec![0, 1]),
    ] {
        let (mut reader, mut set) = (SnapshotReader::new(POSITION), RevocationSet::new());
        assert_eq!(reader.read(&stream, (&edge(), &secret()), &mut set), Err(error));
        assert_eq!(sessions_of(&set), before);
    }
}

#[test]
fn a_snapshot_announces_too_much_to_nobodys_harm() {
    let mut content = Part { position: POSITION, making: MAKING, index: 0, is_last: true, sessions: vec![3] }.content();
    let total = 13;
    assert_eq!(content[total], 6);
    let most = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1];
    content.splice(total..=total, most);
    assert_eq!(read(&[&framed(&seal("snapshot", &content))]), Ok(done(&[3])));
}

proptest! {
    #[test]
    fn a_snapshot_may_be_cut_anywhere(cuts in vec(any::<Index>(), 0..12)) {
        let whole = parts().concat();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(whole.len() + 1)).collect();
        cuts.sort_unstable();
        cuts.push(whole.len());
        let (mut pieces, mut from) = (Vec::new(), 0);
        for to in cuts {
            pieces.push(&whole[from..to]);
            from = to;
        }
        prop_assert_eq!(read(&pieces), Ok(done(&[0, 1, 2, 3, 4, 5])));
    }

    #[test]
    fn whatever_comes_in_place_of_a_snapshot_is_no_snapshot(
        pieces in vec(vec(prop_oneof![Just(0), any::<u8>()], 0..40), 0..6),
    ) {
        let pieces: Vec<_> = pieces.iter().map(Vec::as_slice).collect();
        prop_assert!(!matches!(read(&pieces), Ok((SnapshotStep::Done, _))));
    }
}

#[test]
fn a_seal_id_names_the_secret_and_tells_nothing_of_it() {
    let other = EdgeSecret::new(Secret32::new([0x5B; 32]));
    assert_eq!(secret().seal_id(), secret().seal_id());
    assert_ne!(secret().seal_id(), other.seal_id());
    assert_eq!(secret().seal_id().len(), 11);
    assert!(secret().seal_id().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert!(!secret().auth().expose_base64url().starts_with(&secret().seal_id()[..5]));
}
