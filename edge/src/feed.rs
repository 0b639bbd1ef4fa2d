//! The feed of revocations as this isolate holds it: up to when it is known, and when it is read again.
//!
//! Ages are counted on the edge's own clock, from the moment the question was *sent*: whatever was revoked before it is
//! in the answer.

use sealgate_shared::id::SessionId;
use sealgate_shared::revocation::{Head, Position, RevocationSet, SnapshotReader, SnapshotStep, Taken};
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Authentic, Verified};

use crate::answers::Recent;
use crate::errand::{Asked, Errand, Keep};
use crate::settings::{FeedCache, Settings};

/// The shortest time, in milliseconds, between two heads that are read behind requests.
const PACE_MS: u64 = 500;

/// The shortest time, in milliseconds, between two tries while the origin does not answer.
const RETRY_MS: u64 = 1_000;

/// Where heads come from a shared cache: how often, in milliseconds, the origin itself is asked. It learns then which
/// position we hold, and what we counted.
const DIRECT_MS: u64 = 60_000;

/// How often, in milliseconds, entries are forgotten that concern no living token.
const PRUNE_MS: u64 = 60_000;

/// The most heads that the entry module keeps for us. With more, a snapshot takes their place.
const KEPT: u32 = 60;

/// The most sessions whose standing is in doubt until the next head.
const DOUBTS: usize = 4_096;

/// From which age a set is read again behind a request, and from which it decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ages {
    soft_ms: u64,
    hard_ms: u64,
}

impl Ages {
    const fn of(cache: FeedCache) -> Self {
        match cache {
            FeedCache::Off => Self { soft_ms: 500, hard_ms: 1_000 },
            // The bound is 3 s. What a cache answers with was half a second under way to it at the most, which its `Age`
            // does not count.
            FeedCache::OneSecond => Self { soft_ms: 1_500, hard_ms: 2_500 },
        }
    }
}

/// What is held of the feed.
#[derive(Debug)]
pub struct Feed {
    set: RevocationSet,
    ages: Ages,
    is_shared: bool,
    /// When the question was sent whose answer the set reflects; `None` while something is missing.
    as_of: Option<UnixMillis>,
    gap: Option<Gap>,
    reader: Option<SnapshotReader>,
    /// The newest snapshot there is.
    newest: Position,
    /// When a head was last asked for.
    named_at: Option<UnixMillis>,
    /// When the origin itself was last asked for one.
    direct_at: Option<UnixMillis>,
    /// Whether the last question came to nothing.
    failing: bool,
    pruned_at: UnixMillis,
    /// The epoch of the newest document.
    epoch: u64,
    /// Until when entries of earlier epochs may concern living tokens. No snapshot of this one has them.
    earlier_until: UnixMillis,
    /// Where the last head begins that the entry module keeps.
    after_kept: Position,
    /// Where the set stood before the last head that the entry module keeps.
    before_kept: Option<Position>,
    kept: u32,
    /// Sessions about which something was asked of the origin that may have ended them, and when.
    doubts: Recent<SessionId, UnixMillis>,
    /// When the last of them began.
    doubted_at: Option<UnixMillis>,
}

/// Entries are missing before those of a head.
#[derive(Clone, Copy, Debug)]
struct Gap {
    /// The snapshot that has them.
    snapshot: Position,
    /// What [`Feed::as_of`] will be.
    as_of: UnixMillis,
    /// Whether it was asked for behind a request.
    is_named: bool,
}

/// Why a document was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untaken {
    /// It is older than what is held.
    Older,
    /// It does not open, or is no answer to our question.
    Forged,
    /// There was none.
    None,
}

impl Feed {
    /// Nothing known yet.
    pub fn new(cache: FeedCache) -> Self {
        Self {
            set: RevocationSet::new(),
            ages: Ages::of(cache),
            is_shared: cache == FeedCache::OneSecond,
            as_of: None,
            gap: None,
            reader: None,
            newest: Position::default(),
            named_at: None,
            direct_at: None,
            failing: false,
            pruned_at: UnixMillis::EPOCH,
            epoch: 0,
            earlier_until: UnixMillis::EPOCH,
            after_kept: Position::default(),
            before_kept: None,
            kept: 0,
            doubts: Recent::new(DOUBTS),
            doubted_at: None,
        }
    }

    /// The newest position that the origin has spoken of. Shown to it, it tells whether the database has forgotten
    /// something.
    pub fn position(&self) -> Option<Position> {
        self.set.newest()
    }

    /// Whether the token is known to be revoked, however old that knowledge is.
    pub fn hits(&self, verified: &Verified) -> bool {
        self.set.hits(verified.claims(), verified.kid())
    }

    /// The same of a token that need not be good now.
    pub fn hits_token(&self, token: &Authentic) -> bool {
        self.set.hits(token.claims(), token.kid())
    }

    /// Whether the session itself is known to be revoked, and not only some of its tokens.
    pub fn hits_session(&self, session: SessionId) -> bool {
        self.set.hits_session(session)
    }

    /// The age, in milliseconds, of a set that lacks nothing, however old.
    pub fn age(&self, now: UnixMillis) -> Option<u64> {
        self.as_of.map(|as_of| now.since(as_of))
    }

    /// The age, in milliseconds, of a set that may decide about the session.
    pub fn current(&self, session: SessionId, now: UnixMillis) -> Option<u64> {
        let age_ms = self.age(now).filter(|age| *age <= self.ages.hard_ms)?;
        (!self.is_doubted(session)).then_some(age_ms)
    }

    /// Whether nothing that the origin said less than a moment ago can be missing, so that asking again is no use.
    pub fn is_fresh(&self, now: UnixMillis) -> bool {
        self.age(now).is_some_and(|age| age < self.ages.soft_ms)
    }

    /// Whether the origin has not answered the last time, and it is too early to ask again.
    pub fn is_unreachable(&self, now: UnixMillis) -> bool {
        self.failing && !self.is_due(RETRY_MS, now)
    }

    /// After the clock was set back, the age of what is held is unknown; and what was forgotten as over may not be.
    pub fn heed_clock(&mut self, now: UnixMillis) {
        if self.as_of.max(self.doubted_at).is_some_and(|latest| latest > now) {
            self.as_of = None;
            self.set.forget_position();
            // Whatever decides next is asked for after all of them.
            self.doubts = Recent::new(DOUBTS);
            self.doubted_at = None;
        }
    }

    /// Something may have happened to the session at this moment: the set must be asked for later than that, by a
    /// millisecond at least.
    pub fn doubt(&mut self, session: SessionId, now: UnixMillis) {
        self.doubts.insert(session, now);
        self.doubted_at = Some(now);
    }

    /// What to ask behind this request, if anything.
    pub fn errand_behind(&mut self, now: UnixMillis) -> Option<Errand> {
        if let Some(gap) = self.gap.as_mut().filter(|gap| !gap.is_named) {
            gap.is_named = true;
            return Some(Errand::Snapshot(gap.snapshot));
        }
        let is_old = self.age(now).is_none_or(|age| age >= self.ages.soft_ms);
        let pace = if self.failing { RETRY_MS } else { PACE_MS };
        if is_old && self.is_due(pace, now) {
            return Some(self.errand(now));
        }
        (self.kept > KEPT && self.newest.sequence > 0 && !self.failing).then(|| {
            // Asked for once: should it come to nothing, then again as many heads later.
            self.kept = 0;
            Errand::Snapshot(self.newest)
        })
    }

    /// Whether something of the session is in doubt that the set held cannot tell.
    pub fn is_doubted(&self, session: SessionId) -> bool {
        self.doubted_at(session).is_some()
    }

    /// Since when that is so.
    pub fn doubted_at(&self, session: SessionId) -> Option<UnixMillis> {
        self.doubts.get(&session).copied().filter(|doubt| self.as_of.is_none_or(|as_of| *doubt >= as_of))
    }

    /// Whether entries are known to be missing.
    pub const fn has_gap(&self) -> bool {
        self.gap.is_some()
    }

    /// What to ask before the set can decide.
    pub fn errand(&mut self, now: UnixMillis) -> Errand {
        self.name_errand(false, now)
    }

    /// What to ask before the set can decide about the session. What a shared cache has is too old to end a doubt, or
    /// was, when it `has_answered` this request already.
    pub fn errand_about(&mut self, session: SessionId, has_answered: bool, now: UnixMillis) -> Errand {
        self.name_errand(has_answered || self.is_doubted(session), now)
    }

    fn name_errand(&mut self, must_be_direct: bool, now: UnixMillis) -> Errand {
        self.named_at = Some(now);
        if let Some(gap) = self.gap {
            return Errand::Snapshot(gap.snapshot);
        }
        let is_direct = must_be_direct || !self.is_shared || has_passed(DIRECT_MS, self.direct_at, now);
        if is_direct {
            self.direct_at = Some(now);
        }
        Errand::Head { is_direct }
    }

    fn is_due(&self, ms: u64, now: UnixMillis) -> bool {
        has_passed(ms, self.named_at, now)
    }

    /// Takes in the answer to a question for the head, and answers how the entry module has to keep it; and the version
    /// of the keyring.
    pub fn absorb_head(
        &mut self,
        is_direct: bool,
        status: u16,
        body: &[u8],
        asked: &Asked<'_>,
        settings: &Settings,
    ) -> Result<(Keep, u64), Untaken> {
        let taken = self.take_head(is_direct, status, body, asked, settings);
        // That an earlier question came to nothing says nothing of the origin as it is now.
        if taken.is_ok() || self.as_of <= Some(asked.at) {
            self.failing = taken.is_err();
        }
        taken
    }

    fn take_head(
        &mut self,
        is_direct: bool,
        status: u16,
        body: &[u8],
        asked: &Asked<'_>,
        settings: &Settings,
    ) -> Result<(Keep, u64), Untaken> {
        if status != 200 {
            return Err(Untaken::None);
        }
        let head = Head::open(body, &settings.edge, &settings.secret).map_err(|_| Untaken::Forged)?;
        let expected = if is_direct { asked.challenge } else { "" };
        if head.challenge != expected || (is_direct && expected.is_empty()) {
            return Err(Untaken::Forged);
        }
        let (before, keyring, after, position) = (self.set.position(), head.keyring, head.after, head.position);
        let newest = Position { epoch: position.epoch, sequence: head.snapshot };
        match self.set.take(head) {
            Taken::Older => return Err(Untaken::Older),
            Taken::Complete => {
                self.gap = None;
                self.as_of = self.as_of.max(Some(asked.at));
            }
            // What was held is as good as it was, and as old.
            Taken::Gap(snapshot) => self.gap = Some(Gap { snapshot, as_of: asked.at, is_named: false }),
        }
        self.newest = newest;
        self.enter_epoch(position.epoch);
        if has_passed(PRUNE_MS, Some(self.pruned_at), asked.at) {
            self.set.prune(asked.at);
            self.pruned_at = asked.at;
        }
        if before == Some(position) {
            return Ok((Keep::Not, keyring));
        }
        self.after_kept = Position { epoch: position.epoch, sequence: after };
        let covers = |kept: Position| kept.epoch == position.epoch && after <= kept.sequence;
        if self.before_kept.is_some_and(covers) {
            return Ok((Keep::InPlaceOfLast, keyring));
        }
        self.before_kept = before;
        self.kept = self.kept.saturating_add(1);
        Ok((Keep::Too, keyring))
    }

    /// Takes in a piece of a snapshot, behind which that many bytes are to come. `None` until it is complete.
    pub fn absorb_snapshot(
        &mut self,
        position: Position,
        status: u16,
        (piece, left): (&[u8], u32),
        asked: &Asked<'_>,
        settings: &Settings,
    ) -> Result<Option<Keep>, Untaken> {
        let taken = self.take_snapshot(position, status, (piece, left), asked, settings);
        if taken.is_err() {
            self.failing = true;
            // It may be that this snapshot is to be had no more, but a newer one.
            self.gap = None;
        }
        taken
    }

    fn take_snapshot(
        &mut self,
        position: Position,
        status: u16,
        (piece, left): (&[u8], u32),
        asked: &Asked<'_>,
        settings: &Settings,
    ) -> Result<Option<Keep>, Untaken> {
        let reader = self.reader.take();
        if status != 200 {
            return Err(Untaken::None);
        }
        let mut reader = reader.unwrap_or_else(|| SnapshotReader::new(position));
        let step = reader.read(piece, (&settings.edge, &settings.secret), &mut self.set);
        match step.map_err(|_| Untaken::Forged)? {
            SnapshotStep::More if left > 0 => {
                self.reader = Some(reader);
                return Ok(None);
            }
            SnapshotStep::More => return Err(Untaken::Forged),
            SnapshotStep::Done => {}
        }
        self.enter_epoch(position.epoch);
        let closes = self.set.took_snapshot(position);
        match self.gap {
            Some(gap) if closes => {
                self.gap = None;
                self.as_of = self.as_of.max(Some(gap.as_of));
            }
            Some(gap) if gap.snapshot == position => return Err(Untaken::Older),
            // Another was asked for since.
            Some(_) | None => {}
        }
        self.before_kept = Some(position);
        self.kept = 1;
        // The last head must go on where this ends, and what earlier epochs told of must be over: it is not in here.
        let joins = self.after_kept.epoch == position.epoch && self.after_kept.sequence <= position.sequence;
        let is_all = joins && asked.at >= self.earlier_until;
        Ok(Some(if is_all { Keep::InPlaceOfOthers } else { Keep::BeforeLast }))
    }

    fn enter_epoch(&mut self, epoch: u64) {
        if epoch > self.epoch && self.epoch > 0 {
            self.earlier_until = self.set.expires_at();
        }
        self.epoch = self.epoch.max(epoch);
    }
}

/// A moment in the future means that the clock was set back: when it was is unknown.
fn has_passed(ms: u64, since: Option<UnixMillis>, now: UnixMillis) -> bool {
    since.is_none_or(|since| since > now || now.since(since) >= ms)
}

#[cfg(test)]
mod tests;
