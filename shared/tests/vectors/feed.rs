//! `feed.json`: heads, snapshots, and sets made of them.

use sealgate_shared::claims::Claims;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{ActorId, ActorType, KeyId, Roles, SessionId, TenantId};
use sealgate_shared::revocation::{
    Entry, FeedError, Head, Position, RevocationSet, Revoked, SnapshotReader, SnapshotStep, Taken, write_snapshot,
};
use sealgate_shared::time::UnixMillis;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{DocumentCase, rejected, secret, text};

#[derive(Deserialize)]
struct SnapshotCase {
    name: String,
    edge: String,
    secret: String,
    position: Position,
    bytes: String,
    expect: Value,
}

#[derive(Deserialize)]
struct SetCase {
    name: String,
    steps: Vec<Step>,
    tokens: Vec<Token>,
}

#[derive(Deserialize)]
struct Step {
    head: Option<Told>,
    snapshot: Option<Told>,
    then: String,
    position: Option<Position>,
}

#[derive(Deserialize)]
struct Told {
    position: Position,
    #[serde(default)]
    after: u64,
    entries: Vec<Value>,
}

#[derive(Deserialize)]
struct Token {
    session: SessionId,
    tenant: TenantId,
    actor_type: ActorType,
    actor_id: ActorId,
    issued_at_ms: u64,
    key: KeyId,
    hit: bool,
}

fn cases<T: DeserializeOwned>(of: &str) -> Vec<T> {
    let vectors: Value = serde_json::from_str(include_str!("feed.json")).unwrap();
    serde_json::from_value(vectors[of].clone()).unwrap()
}

fn describe(entry: &Entry) -> Value {
    let expires_at_ms = entry.expires_at.as_u64();
    match &entry.revoked {
        Revoked::Session(session) => json!({ "kind": "session", "session": session, "expires_at_ms": expires_at_ms }),
        Revoked::Key(key) => json!({ "kind": "key", "key": key, "expires_at_ms": expires_at_ms }),
        Revoked::Tenant { tenant, issued_before } => json!({
            "kind": "tenant",
            "tenant": tenant,
            "issued_before_ms": issued_before.as_u64(),
            "expires_at_ms": expires_at_ms,
        }),
        Revoked::Actor { tenant, actor_type, actor_id, except, issued_before } => json!({
            "kind": "actor",
            "tenant": tenant,
            "actor_type": actor_type,
            "actor_id": actor_id,
            "except": except,
            "issued_before_ms": issued_before.as_u64(),
            "expires_at_ms": expires_at_ms,
        }),
    }
}

fn entry(described: &Value) -> Entry {
    let of = |field: &str| text(described, field);
    let moment = |field: &str| UnixMillis::new(described[field].as_u64().unwrap()).unwrap();
    let revoked = match of("kind") {
        "session" => Revoked::Session(of("session").parse().unwrap()),
        "key" => Revoked::Key(of("key").parse().unwrap()),
        "tenant" => {
            Revoked::Tenant { tenant: of("tenant").parse().unwrap(), issued_before: moment("issued_before_ms") }
        }
        "actor" => Revoked::Actor {
            tenant: of("tenant").parse().unwrap(),
            actor_type: of("actor_type").parse().unwrap(),
            actor_id: of("actor_id").parse().unwrap(),
            except: described["except"].as_str().map(|session| session.parse().unwrap()),
            issued_before: moment("issued_before_ms"),
        },
        other => panic!("kind {other}"),
    };
    Entry { revoked, expires_at: moment("expires_at_ms") }
}

fn label(error: FeedError) -> Value {
    rejected(match error {
        FeedError::Envelope(_) => "envelope",
        FeedError::Content => "content",
        FeedError::Sequence => "sequence",
    })
}

#[test]
fn seal_ids() {
    for case in cases::<Value>("seal_ids") {
        assert_eq!(EdgeSecret::new(secret(text(&case, "secret"))).seal_id(), text(&case, "seal_id"), "{case}");
    }
}

#[test]
fn heads() {
    for case in cases::<DocumentCase>("heads") {
        let (edge, secret) = (case.edge.parse().unwrap(), EdgeSecret::new(secret(&case.secret)));
        let sealed = hex::decode(&case.sealed).unwrap();
        let outcome = match Head::open(&sealed, &edge, &secret) {
            Ok(head) => {
                let nonce = sealed[1..13].try_into().unwrap();
                assert_eq!(head.seal(&edge, &secret, nonce), sealed, "{}, sealed again", case.name);
                json!({ "ok": {
                    "challenge": head.challenge,
                    "position": head.position,
                    "after": head.after,
                    "keyring": head.keyring,
                    "snapshot": head.snapshot,
                    "entries": head.entries.iter().map(describe).collect::<Vec<_>>(),
                } })
            }
            Err(error) => label(error),
        };
        assert_eq!(outcome, case.expect, "{}", case.name);
    }
}

fn read_snapshot(case: &SnapshotCase, pieces: &[&[u8]]) -> Result<(SnapshotStep, RevocationSet), FeedError> {
    let (edge, secret) = (case.edge.parse().unwrap(), EdgeSecret::new(secret(&case.secret)));
    let (mut reader, mut set) = (SnapshotReader::new(case.position), RevocationSet::new());
    let mut step = SnapshotStep::More;
    for piece in pieces {
        step = reader.read(piece, (&edge, &secret), &mut set)?;
    }
    Ok((step, set))
}

/// What a snapshot says shows in the set that it is read into.
#[test]
fn snapshots() {
    for case in cases::<SnapshotCase>("snapshots") {
        let bytes = hex::decode(&case.bytes).unwrap();
        let middle = bytes.len() / 2;
        for pieces in [vec![&bytes[..]], vec![&bytes[..middle], &bytes[middle..]], bytes.chunks(1).collect()] {
            let outcome = match read_snapshot(&case, &pieces) {
                Ok((SnapshotStep::Done, set)) => {
                    let entries: Vec<_> = case.expect["ok"].as_array().unwrap().iter().map(entry).collect();
                    assert_holds(&set, &entries, &case);
                    case.expect.clone()
                }
                Ok((SnapshotStep::More, _)) => rejected("incomplete"),
                Err(error) => label(error),
            };
            assert_eq!(outcome, case.expect, "{}", case.name);
        }
    }
}

/// The set is as one made of these entries.
fn assert_holds(set: &RevocationSet, entries: &[Entry], case: &SnapshotCase) {
    let (position, challenge) = (Position { epoch: 1, sequence: 1 }, String::new());
    let mut expected = RevocationSet::new();
    let entries_ = entries.to_vec();
    expected.take(Head { challenge, position, after: 0, keyring: 1, snapshot: 1, entries: entries_ });
    assert_eq!(set.len(), expected.len(), "{}", case.name);
    for entry in entries {
        let claims = claims_hit_by(&entry.revoked);
        let key = if let Revoked::Key(key) = entry.revoked { key } else { KeyId::new([0; 8]) };
        let (mut held, mut expected) = (set.clone(), expected.clone());
        let last = UnixMillis::new(entry.expires_at.as_u64().saturating_sub(1)).unwrap();
        for now in [UnixMillis::EPOCH, last, entry.expires_at, UnixMillis::MAX] {
            assert_eq!(held.hits(&claims, key), expected.hits(&claims, key), "{}: {entry:?}", case.name);
            held.prune(now);
            expected.prune(now);
        }
    }
}

/// A token that the entry hits, if there is one.
fn claims_hit_by(revoked: &Revoked) -> Claims {
    let (mut session, mut tenant) = (SessionId::new([1; 16]), "nobody".parse().unwrap());
    let (mut actor_type, mut actor_id) = ("user".parse().unwrap(), "nobody".parse().unwrap());
    let mut issued_at = UnixMillis::EPOCH;
    match revoked.clone() {
        Revoked::Session(revoked) => session = revoked,
        Revoked::Key(_) => {}
        Revoked::Tenant { tenant: revoked, issued_before } => (tenant, issued_at) = (revoked, issued_before.minus(1)),
        Revoked::Actor { tenant: of, actor_type: kind, actor_id: id, issued_before, .. } => {
            (tenant, actor_type, actor_id, issued_at) = (of, kind, id, issued_before.minus(1));
        }
    }
    claims(session, tenant, actor_type, actor_id, issued_at)
}

fn claims(
    session: SessionId,
    tenant: TenantId,
    actor_type: ActorType,
    actor_id: ActorId,
    issued_at: UnixMillis,
) -> Claims {
    Claims {
        session,
        tenant,
        actor_type,
        actor_id,
        issued_at,
        expires_at: UnixMillis::MAX,
        authenticated_at: issued_at,
        generation: 0,
        assurance: 1,
        roles: Roles::default(),
    }
}

#[test]
fn snapshots_of_one_part_are_what_we_would_write() {
    let mut written = 0;
    for case in cases::<SnapshotCase>("snapshots") {
        let sealed = hex::decode(&case.bytes).unwrap();
        let Some(expected) = case.expect["ok"].as_array() else { continue };
        let Some((length, envelope)) = sealed.split_first_chunk::<4>() else { continue };
        if envelope.len() != usize::try_from(u32::from_be_bytes(*length)).unwrap() || case.name == "total-wrong" {
            continue;
        }
        let (edge, secret) = (case.edge.parse().unwrap(), EdgeSecret::new(secret(&case.secret)));
        let nonce = envelope[1..13].try_into().unwrap();
        let entries: Vec<_> = expected.iter().map(entry).collect();
        let making = hex::decode(MAKING).unwrap().try_into().unwrap();
        let again = write_snapshot(case.position, &entries, making, (&edge, &secret), || Ok(nonce));
        assert_eq!(again.unwrap(), sealed, "{}", case.name);
        written += 1;
    }
    assert!(written >= 4, "only {written}");
}

/// What `generate.py` drew for the makings.
const MAKING: &str = "e7e4c0b8a81029d3";

#[test]
fn sets() {
    for case in cases::<SetCase>("sets") {
        let mut set = RevocationSet::new();
        for step in &case.steps {
            assert_eq!(take(&mut set, step), step.then, "{}", case.name);
            assert_eq!(set.position(), step.position, "{}", case.name);
        }
        for token in case.tokens {
            let issued_at = UnixMillis::new(token.issued_at_ms).unwrap();
            let claims = claims(token.session, token.tenant, token.actor_type, token.actor_id, issued_at);
            assert_eq!(set.hits(&claims, token.key), token.hit, "{}: {claims:?}", case.name);
        }
    }
}

fn take(set: &mut RevocationSet, step: &Step) -> &'static str {
    let entries = |told: &Told| told.entries.iter().map(entry).collect::<Vec<_>>();
    if let Some(told) = &step.head {
        let (position, snapshot, entries) = (told.position, told.position.sequence, entries(told));
        let head = Head { challenge: String::new(), position, after: told.after, keyring: 1, snapshot, entries };
        return match set.take(head) {
            Taken::Complete => "complete",
            Taken::Gap(_) => "gap",
            Taken::Older => "older",
        };
    }
    let told = step.snapshot.as_ref().unwrap();
    let (edge, secret) = ("edge-1".parse().unwrap(), EdgeSecret::new(secret(&"5a".repeat(32))));
    let bytes = write_snapshot(told.position, &entries(told), [1; 8], (&edge, &secret), || Ok([1; 12])).unwrap();
    let mut reader = SnapshotReader::new(told.position);
    assert_eq!(reader.read(&bytes, (&edge, &secret), set), Ok(SnapshotStep::Done));
    if set.took_snapshot(told.position) { "complete" } else { "gap" }
}
