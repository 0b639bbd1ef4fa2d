//! What an edge knows of revocations.

use core::hash::Hash;

use hashbrown::{Equivalent, HashMap};

use super::{Entry, Head, Position, Revoked};
use crate::claims::Claims;
use crate::id::{ActorId, ActorType, KeyId, SessionId, TenantId};
use crate::time::UnixMillis;

/// Seconds since 1970: four bytes for each of perhaps a hundred thousand entries. Good until 2106.
type Seconds = u32;

/// The most sessions that room is made for at once, whatever a snapshot announces: about 22 MB.
const MOST_ROOM: u64 = 500_000;

/// All revocations that an edge has been told of, and up to where that is all there are. Looking something up takes
/// the same time however many there are.
#[derive(Clone, Debug, Default)]
pub struct RevocationSet {
    sessions: HashMap<SessionId, Seconds>,
    actors: HashMap<ActorKey, ActorMark>,
    tenants: HashMap<TenantId, Mark>,
    keys: HashMap<KeyId, Seconds>,
    /// Up to here nothing is missing; nothing is known in epoch 0.
    position: Position,
    /// Entries that are in, though some before them are missing.
    ahead: Option<Ahead>,
}

/// From behind `after` up to `position` nothing is missing.
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

/// What all marks of one actor come to: a second mark hits the session that the first spares, unless both spare the
/// same, so that however many there are, one session at most is spared more than others.
#[derive(Clone, Copy, Debug)]
struct ActorMark {
    mark: Mark,
    except: Option<SessionId>,
    /// Before this, the session that is spared is hit as well.
    except_from: UnixMillis,
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

    /// The newest position that anything taken in spoke of, whether or not entries before it are missing. Shown to the
    /// origin it tells whether the database has forgotten something.
    pub fn newest(&self) -> Option<Position> {
        let newest = self.ahead.map_or(self.position, |ahead| ahead.position.max(self.position));
        (newest.epoch > 0).then_some(newest)
    }

    /// How many entries are held. Several marks of one actor, or of one tenant, are held as one.
    pub fn len(&self) -> usize {
        let lengths = [self.sessions.len(), self.actors.len(), self.tenants.len(), self.keys.len()];
        lengths.into_iter().fold(0, usize::saturating_add)
    }

    /// Whether no entry is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a token of these claims under that key was revoked, as far as is known.
    pub fn hits(&self, claims: &Claims, kid: KeyId) -> bool {
        self.hits_session(claims.session)
            || self.keys.contains_key(&kid)
            || self.tenants.get(&claims.tenant).is_some_and(|mark| mark.hits(claims))
            || self.hits_actor(claims)
    }

    /// Whether that session itself was revoked, as far as is known. A mark may hit a token of a session that is alive.
    pub fn hits_session(&self, session: SessionId) -> bool {
        self.sessions.contains_key(&session)
    }

    fn hits_actor(&self, claims: &Claims) -> bool {
        let actor = ActorOf { tenant: &claims.tenant, kind: &claims.actor_type, id: &claims.actor_id };
        self.actors.get(&actor).is_some_and(|mark| mark.hits(claims))
    }

    /// Takes in a head, which the caller opened and whose challenge it compared.
    pub fn take(&mut self, head: Head) -> Taken {
        if Some(head.position) < self.newest() {
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
        self.ahead = Some(Ahead { after: self.ahead.map_or(after, |ahead| ahead.extended(after, position)), position });
        Taken::Gap(Position { epoch: position.epoch, sequence: snapshot })
    }

    /// Records that all entries of a snapshot of that position are in. Whether that closed the gap.
    pub fn took_snapshot(&mut self, position: Position) -> bool {
        self.position = self.position.max(position);
        let Some(ahead) = self.ahead else { return true };
        let reaches = position.epoch == ahead.position.epoch && ahead.after <= position.sequence;
        let closes = reaches || position >= ahead.position;
        if closes {
            self.position = self.position.max(ahead.position);
            self.ahead = None;
        }
        closes
    }

    /// Keeps all entries, but says no longer that they are all there are: the next head will ask for a snapshot.
    pub fn forget_position(&mut self) {
        self.position = Position::default();
        self.ahead = None;
    }

    /// From here on no entry that is held concerns a living token.
    pub fn expires_at(&self) -> UnixMillis {
        let marks = self.actors.values().map(|mark| mark.mark.expires);
        let marks = marks.chain(self.tenants.values().map(|mark| mark.expires));
        let expires = marks.chain(self.sessions.values().chain(self.keys.values()).copied()).max();
        UnixMillis::EPOCH.plus(u64::from(expires.unwrap_or_default()).saturating_mul(1_000))
    }

    /// Forgets entries that concern no living token any more.
    pub fn prune(&mut self, now: UnixMillis) {
        let now = Seconds::try_from(now.as_secs()).unwrap_or(Seconds::MAX);
        self.sessions.retain(|_, expires| *expires > now);
        self.keys.retain(|_, expires| *expires > now);
        self.tenants.retain(|_, mark| mark.expires > now);
        self.actors.retain(|_, mark| mark.mark.expires > now);
    }

    /// Makes room for that many sessions at once: growing step by step would need room for two at the end.
    pub(super) fn make_room(&mut self, total: u64) {
        let more = usize::try_from(total.min(MOST_ROOM)).unwrap_or_default().saturating_sub(self.sessions.len());
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
                let mark = ActorMark { mark: Mark { issued_before, expires }, except, except_from: UnixMillis::EPOCH };
                self.actors.entry(key).and_modify(|held| held.widen(mark)).or_insert(mark);
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

impl ActorMark {
    fn hits(&self, claims: &Claims) -> bool {
        let is_spared = self.except == Some(claims.session) && claims.issued_at >= self.except_from;
        self.mark.hits(claims) && !is_spared
    }

    /// Hits what either hits. Neither spares anything before its `except_from`.
    fn widen(&mut self, other: Self) {
        if self.except == other.except {
            self.except_from = self.except_from.max(other.except_from);
        } else {
            // Each hits the session that the other spares. Whoever hits more says which is spared, up to where the
            // other ends.
            let (wide, narrow) =
                if other.mark.issued_before > self.mark.issued_before { (other, *self) } else { (*self, other) };
            self.except = wide.except;
            self.except_from = wide.except_from.max(narrow.mark.issued_before);
        }
        self.mark.widen(other.mark);
    }
}

impl Ahead {
    /// Behind which number nothing is missing, once a head is added that is complete behind `after`.
    fn extended(&self, after: u64, position: Position) -> u64 {
        let is_joined = self.position.epoch == position.epoch && after <= self.position.sequence;
        if is_joined { after.min(self.after) } else { after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add_sessions(set: &mut RevocationSet, count: u32) {
        for number in 0..count {
            let mut session = [0; 16];
            session[..4].copy_from_slice(&number.to_be_bytes());
            set.add(Entry { revoked: Revoked::Session(SessionId::new(session)), expires_at: UnixMillis::MAX });
        }
    }

    #[test]
    fn room_is_made_once_for_all() {
        let mut set = RevocationSet::new();
        set.make_room(10_000);
        let room = set.sessions.capacity();
        assert!((10_000..40_000).contains(&room), "{room}");
        add_sessions(&mut set, 10_000);
        set.make_room(10_000);
        assert_eq!(set.sessions.capacity(), room, "there is room already");
    }

    #[test]
    fn more_is_announced_than_there_is_room_for() {
        for total in [MOST_ROOM + 1, u64::from(u32::MAX), u64::MAX] {
            let mut set = RevocationSet::new();
            set.make_room(total);
            let room = set.sessions.capacity();
            assert!((500_000..1_000_000).contains(&room), "{room} for {total}");
            add_sessions(&mut set, 10);
            assert_eq!(set.len(), 10);
        }
    }
}
