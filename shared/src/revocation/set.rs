//! What an edge knows of revocations.

use alloc::vec::Vec;
use core::hash::Hash;

use hashbrown::{Equivalent, HashMap};

use super::{Entry, Head, Position, Revoked};
use crate::claims::Claims;
use crate::id::{ActorId, ActorType, KeyId, SessionId, TenantId};
use crate::time::UnixMillis;

/// Seconds since 1970: four bytes for each of perhaps a hundred thousand entries. Good until 2106.
type Seconds = u32;

/// All revocations that an edge has been told of, and up to where that is all there are. Looking something up takes
/// the same time however many there are.
#[derive(Clone, Debug, Default)]
pub struct RevocationSet {
    sessions: HashMap<SessionId, Seconds>,
    actors: HashMap<ActorKey, Vec<ActorMark>>,
    tenants: HashMap<TenantId, Mark>,
    keys: HashMap<KeyId, Seconds>,
    /// Up to here nothing is missing; nothing is known in epoch 0.
    position: Position,
    /// A head whose entries are in, though some before them are missing.
    ahead: Option<Ahead>,
}

#[derive(Clone, Copy, Debug)]
struct Ahead {
    after: u64,
    position: Position,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ActorKey {
    tenant: TenantId,
    kind: ActorType,
    id: ActorId,
}

/// Looks an actor up without copying its names. Hashes as [`ActorKey`] does: the same fields in the same order.
#[derive(Hash)]
struct ActorOf<'c> {
    tenant: &'c TenantId,
    kind: &'c ActorType,
    id: &'c ActorId,
}

impl Equivalent<ActorKey> for ActorOf<'_> {
    fn equivalent(&self, key: &ActorKey) -> bool {
        *self.tenant == key.tenant && *self.kind == key.kind && *self.id == key.id
    }
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    issued_before: UnixMillis,
    expires: Seconds,
}

#[derive(Clone, Copy, Debug)]
struct ActorMark {
    mark: Mark,
    except: Option<SessionId>,
}

/// What came of taking in a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The set now reflects everything up to the head's position.
    Complete,
    /// Its entries are in, but some before them are missing: this snapshot has them.
    Gap(Position),
    /// It is older than what is held, and was ignored.
    Older,
}

impl RevocationSet {
    /// Knows of nothing yet, not even that there is nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Up to where nothing is missing; `None` while nothing is known.
    pub fn position(&self) -> Option<Position> {
        (self.position.epoch > 0).then_some(self.position)
    }

    /// How many entries are held.
    pub fn len(&self) -> usize {
        let marks: usize = self.actors.values().map(Vec::len).sum();
        [self.sessions.len(), marks, self.tenants.len(), self.keys.len()].into_iter().fold(0, usize::saturating_add)
    }

    /// Whether no entry is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a token of these claims under that key was revoked, as far as is known.
    pub fn hits(&self, claims: &Claims, kid: KeyId) -> bool {
        self.sessions.contains_key(&claims.session)
            || (!self.keys.is_empty() && self.keys.contains_key(&kid))
            || self.tenants.get(&claims.tenant).is_some_and(|mark| mark.hits(claims))
            || self.hits_actor(claims)
    }

    fn hits_actor(&self, claims: &Claims) -> bool {
        let actor = ActorOf { tenant: &claims.tenant, kind: &claims.actor_type, id: &claims.actor_id };
        let hits = |mark: &ActorMark| mark.mark.hits(claims) && mark.except != Some(claims.session);
        !self.actors.is_empty() && self.actors.get(&actor).is_some_and(|marks| marks.iter().any(hits))
    }

    /// Takes in a head, which the caller opened and whose challenge it compared.
    pub fn take(&mut self, head: Head) -> Taken {
        if head.position < self.position {
            return Taken::Older;
        }
        let Head { position, after, snapshot, entries, .. } = head;
        for entry in entries {
            self.add(entry);
        }
        if after == 0 || (position.epoch == self.position.epoch && after <= self.position.sequence) {
            self.position = position;
            self.ahead = None;
            return Taken::Complete;
        }
        self.ahead = Some(Ahead { after, position });
        Taken::Gap(Position { epoch: position.epoch, sequence: snapshot })
    }

    /// Records that all entries of a snapshot of that position are in. Whether that closed the gap.
    pub fn took_snapshot(&mut self, position: Position) -> bool {
        self.position = self.position.max(position);
        let Some(ahead) = self.ahead else { return true };
        let closes = position.epoch == ahead.position.epoch && ahead.after <= position.sequence;
        if closes {
            self.position = self.position.max(ahead.position);
            self.ahead = None;
        }
        closes
    }

    /// Forgets entries that concern no living token any more.
    pub fn prune(&mut self, now: UnixMillis) {
        let now = Seconds::try_from(now.as_secs()).unwrap_or(Seconds::MAX);
        self.sessions.retain(|_, expires| *expires > now);
        self.keys.retain(|_, expires| *expires > now);
        self.tenants.retain(|_, mark| mark.expires > now);
        self.actors.retain(|_, marks| {
            marks.retain(|mark| mark.mark.expires > now);
            !marks.is_empty()
        });
    }

    /// Makes room for that many sessions at once: growing step by step would need room for two at the end.
    pub(super) fn make_room(&mut self, total: u64) {
        let more = usize::try_from(total).unwrap_or(usize::MAX).saturating_sub(self.sessions.len());
        // Without room the map grows as it can.
        drop(self.sessions.try_reserve(more));
    }

    pub(super) fn add(&mut self, entry: Entry) {
        let expires = Seconds::try_from(entry.expires_at.as_u64().div_ceil(1_000)).unwrap_or(Seconds::MAX);
        match entry.revoked {
            Revoked::Session(session) => later(&mut self.sessions, session, expires),
            Revoked::Key(key) => later(&mut self.keys, key, expires),
            Revoked::Tenant { tenant, issued_before } => {
                let mark = Mark { issued_before, expires };
                self.tenants.entry(tenant).and_modify(|held| held.widen(mark)).or_insert(mark);
            }
            Revoked::Actor { tenant, actor_type, actor_id, except, issued_before } => {
                let key = ActorKey { tenant, kind: actor_type, id: actor_id };
                let mark = ActorMark { mark: Mark { issued_before, expires }, except };
                let marks = self.actors.entry(key).or_default();
                // Two marks that spare the same session are one.
                match marks.iter_mut().find(|held| held.except == except) {
                    Some(held) => held.mark.widen(mark.mark),
                    None => marks.push(mark),
                }
            }
        }
    }
}

fn later<K: Eq + Hash>(map: &mut HashMap<K, Seconds>, key: K, expires: Seconds) {
    let held = map.entry(key).or_insert(expires);
    *held = expires.max(*held);
}

impl Mark {
    fn hits(&self, claims: &Claims) -> bool {
        claims.issued_at < self.issued_before
    }

    /// Hits what either hits, for as long as either is needed.
    fn widen(&mut self, other: Self) {
        self.issued_before = self.issued_before.max(other.issued_before);
        self.expires = self.expires.max(other.expires);
    }
}
