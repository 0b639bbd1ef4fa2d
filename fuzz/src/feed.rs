//! The feed: heads and snapshots as they arrive, with seals that hold around any content, cut anywhere, and one after
//! the other into one set.

use sealgate_shared::claims::Claims;
use sealgate_shared::id::{KeyId, Roles, SessionId};
use sealgate_shared::revocation::{
    Entry, FeedError, Head, Position, RevocationSet, Revoked, SnapshotReader, SnapshotStep, Taken, write_snapshot,
};
use sealgate_shared::time::UnixMillis;

use crate::envelope::{NONCE, bent, edge, seal, secret};
use crate::reference::feed::{decode_head, decode_part, is_hit};

/// The first byte says what the others are:
/// `e` an envelope in place of a head, `h` the content of one;
/// `s` the bytes of a snapshot, `p` the contents of its parts;
/// any other the contents of heads, which a set takes in as such or as snapshots.
/// Before the bytes of a snapshot comes one that says where they are cut; several contents have two bytes of length each.
pub fn check(data: &[u8]) {
    match data.split_first() {
        Some((b'e', envelope)) => check_envelope(envelope),
        Some((b'h', content)) => check_head(content),
        Some((b's', stream)) => check_stream(stream),
        Some((b'p', parts)) => check_parts(parts),
        Some((_, heads)) => check_set(heads),
        None => {}
    }
}

fn open(sealed: &[u8]) -> Result<Head, FeedError> {
    Head::open(sealed, &edge(), &secret())
}

/// Nobody makes one without the secret.
fn check_envelope(envelope: &[u8]) {
    if let Ok(head) = open(envelope) {
        let nonce = envelope[1..13].try_into().unwrap();
        assert_eq!(head.seal(&edge(), &secret(), nonce), envelope);
    }
}

/// The crate reads what the reference reads, and seals what was read to the very same bytes again.
fn check_head(content: &[u8]) {
    let sealed = seal("feed/head", content);
    match (open(&sealed), decode_head(content)) {
        (Err(FeedError::Content), None) => {}
        (Ok(head), Some(expected)) => {
            assert_eq!(head, expected);
            assert_eq!(head.seal(&edge(), &secret(), NONCE), sealed);
            let mut set = RevocationSet::new();
            let is_complete = set.take(head) == Taken::Complete;
            assert_eq!(is_complete, expected.after == 0 || expected.position == Position::default());
            check_hits(&set, &expected.entries);
        }
        (read, expected) => panic!("{content:?}: {read:?}, but the reference says {expected:?}"),
    }
    assert!(matches!(open(&bent(sealed.clone(), content)), Err(FeedError::Envelope(_))), "bent, and open: {content:?}");
    let as_part = [&u32::try_from(sealed.len()).unwrap().to_be_bytes()[..], &sealed].concat();
    assert!(matches!(read(&as_part, 0, Position::default()).0, Err(FeedError::Envelope(_))), "a head is no part");
}

/// Reads a snapshot, cut as `cut` says: nowhere, or into pieces of that many bytes.
fn read(stream: &[u8], cut: u8, position: Position) -> (Result<SnapshotStep, FeedError>, RevocationSet) {
    let (mut reader, mut set) = (SnapshotReader::new(position), RevocationSet::new());
    let size = if cut == 0 { stream.len().max(1) } else { usize::from(cut) };
    let mut step = Ok(SnapshotStep::More);
    for piece in stream.chunks(size) {
        let next = reader.read(piece, (&edge(), &secret()), &mut set);
        assert!(step != Ok(SnapshotStep::Done) || next == Err(FeedError::Content), "more after the last part");
        assert!(step.is_ok() || next == step, "an error is the end");
        assert_eq!(set.position(), None, "a reader says nothing about the whole");
        step = next;
    }
    (step, set)
}

fn check_stream(stream: &[u8]) {
    let Some((&cut, stream)) = stream.split_first() else { return };
    let (step, set) = read(stream, cut, Position { epoch: 1, sequence: 1 });
    assert_ne!(step, Ok(SnapshotStep::Done), "nobody makes one without the secret");
    assert!(set.is_empty());
}

/// Contents with two bytes of length before each; the last has what there is.
fn split(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut contents = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (content, rest) = rest.split_at(rest.len().min(usize::from(u16::from_be_bytes(*length))));
        contents.push(content);
        bytes = rest;
    }
    contents
}

fn check_parts(data: &[u8]) {
    let Some((&cut, data)) = data.split_first() else { return };
    let contents = split(data);
    let position =
        contents.first().and_then(|content| decode_part(content)).map_or_else(Position::default, |part| part.position);
    let mut stream = Vec::new();
    for content in &contents {
        let envelope = seal("feed/snapshot", content);
        stream.extend(u32::try_from(envelope.len()).unwrap().to_be_bytes());
        stream.extend(envelope);
    }
    let (whole, cut) = (read(&stream, 0, position), read(&stream, cut, position));
    let (expected, entries) = expect(&contents, position);
    assert_eq!((whole.0, cut.0), (expected, expected), "{contents:?}");
    check_hits(&whole.1, &entries);
    check_hits(&cut.1, &entries);
    check_written(position, &entries);
}

/// What comes of parts, and which entries are in the set then: those of every part before the one that is refused.
fn expect(contents: &[&[u8]], position: Position) -> (Result<SnapshotStep, FeedError>, Vec<Entry>) {
    let (mut entries, mut making, mut is_done) = (Vec::new(), None, false);
    for (index, content) in (0..).zip(contents) {
        let Some(part) = decode_part(content).filter(|_| !is_done) else { return (Err(FeedError::Content), entries) };
        if part.position != position || part.index != index || making.is_some_and(|making| making != part.making) {
            return (Err(FeedError::Sequence), entries);
        }
        (making, is_done) = (Some(part.making), part.is_last);
        entries.extend(part.entries);
    }
    (Ok(if is_done { SnapshotStep::Done } else { SnapshotStep::More }), entries)
}

/// What the crate writes, it reads; and so does the reference.
fn check_written(position: Position, entries: &[Entry]) -> Vec<u8> {
    let stream = write_snapshot(position, entries, [7; 8], (&edge(), &secret()), || Ok(NONCE)).unwrap();
    let (step, set) = read(&stream, 0, position);
    assert_eq!(step, Ok(SnapshotStep::Done));
    check_hits(&set, entries);
    stream
}

/// Heads and snapshots one after the other: whatever they are, the set hits what any entry hits that it took in, is
/// complete up to where it says, and never goes back.
fn check_set(data: &[u8]) {
    let (mut set, mut taken, mut covered) = (RevocationSet::new(), Vec::new(), Vec::new());
    for (number, content) in split(data).into_iter().enumerate() {
        let Some((&what, content)) = content.split_first() else { continue };
        let Some(head) = decode_head(content) else { continue };
        let (position, entries, before) = (head.position, head.entries.clone(), set.position());
        if what.is_multiple_of(2) {
            let (after, shown) = (head.after, format!("{set:?}"));
            let newest = set.newest();
            match set.take(head) {
                Taken::Older => {
                    assert!(Some(position) < newest, "document {number}");
                    assert_eq!(format!("{set:?}"), shown);
                    continue;
                }
                Taken::Complete => assert_eq!(set.position().unwrap_or_default(), wherever(position)),
                Taken::Gap(_) => assert!(after > 0 && set.position() == before),
            }
            covered.push((position.epoch, after, position.sequence));
        } else {
            let stream = check_written(position, &entries);
            let mut reader = SnapshotReader::new(position);
            assert_eq!(reader.read(&stream, (&edge(), &secret()), &mut set), Ok(SnapshotStep::Done));
            let closed = set.took_snapshot(position);
            assert!(!closed || set.position() == set.newest(), "document {number}");
            covered.push((position.epoch, 0, position.sequence));
        }
        taken.extend(entries);
        assert!(set.position() >= before, "document {number}");
        assert!(set.position().is_none_or(|position| is_covered(&covered, position)), "document {number}");
    }
    check_hits(&set, &taken);
}

/// Where a set stands that is complete up to there: in epoch 0 it knows nothing.
fn wherever(position: Position) -> Position {
    if position.epoch > 0 { position } else { Position::default() }
}

/// Whether no number up to the position is missing in what came of its epoch.
fn is_covered(covered: &[(u64, u64, u64)], position: Position) -> bool {
    let mut of_epoch: Vec<_> = covered.iter().filter(|(epoch, ..)| *epoch == position.epoch).collect();
    of_epoch.sort_by_key(|(_, after, _)| *after);
    let reach = |reach: u64, (_, after, to): &&(u64, u64, u64)| if *after <= reach { reach.max(*to) } else { reach };
    of_epoch.iter().fold(0, reach) >= position.sequence
}

/// The set hits a token exactly if one of the entries does, whatever the order in which they came.
fn check_hits(set: &RevocationSet, entries: &[Entry]) {
    assert_eq!(set.is_empty(), entries.is_empty());
    assert!(set.len() <= entries.len());
    let (mut sessions, mut keys) = (vec![SessionId::new([0x55; 16])], vec![KeyId::new([0x55; 8])]);
    for entry in entries {
        match &entry.revoked {
            Revoked::Session(session) | Revoked::Actor { except: Some(session), .. } => sessions.push(*session),
            Revoked::Key(key) => keys.push(*key),
            _ => {}
        }
    }
    // Few of each, so that an input takes no longer than others.
    sessions.truncate(12);
    keys.truncate(4);
    for claims in entries.iter().take(12).flat_map(|entry| tokens_near(&entry.revoked)) {
        for &session in &sessions {
            let claims = Claims { session, ..claims.clone() };
            for &kid in &keys {
                let expected = entries.iter().any(|entry| is_hit(entry, &claims, kid));
                assert_eq!(set.hits(&claims, kid), expected, "{claims:?} under {kid}: {entries:?}");
            }
        }
    }
}

/// Tokens at the moments at which a mark's verdict turns, of whom it concerns and of others.
fn tokens_near(revoked: &Revoked) -> Vec<Claims> {
    let nobody = ("nobody".parse().unwrap(), "user".parse().unwrap(), "nobody".parse().unwrap(), UnixMillis::EPOCH);
    let (tenant, actor_type, actor_id, moment) = match revoked.clone() {
        Revoked::Actor { tenant, actor_type, actor_id, issued_before, .. } => {
            (tenant, actor_type, actor_id, issued_before)
        }
        Revoked::Tenant { tenant, issued_before } => (tenant, nobody.1, nobody.2, issued_before),
        _ => nobody,
    };
    let claims = |issued_at| Claims {
        session: SessionId::new([0; 16]),
        tenant: tenant.clone(),
        actor_type: actor_type.clone(),
        actor_id: actor_id.clone(),
        issued_at,
        expires_at: UnixMillis::MAX,
        authenticated_at: issued_at,
        generation: 0,
        assurance: 0,
        roles: Roles::default(),
    };
    let elsewhere = Claims { tenant: "elsewhere".parse().unwrap(), ..claims(UnixMillis::EPOCH) };
    let another = Claims { actor_id: "another".parse().unwrap(), ..claims(UnixMillis::EPOCH) };
    vec![claims(moment.minus(1)), claims(moment), claims(moment.plus(1)), elsewhere, another]
}
