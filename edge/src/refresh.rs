//! Staying signed in: a request whose access token is no longer good, and what its refresh token is good for.
//!
//! Showing the same token twice does no harm: the origin gives the same answer (`docs/ARCHITECTURE.md`). So nothing here is
//! locked, and what was lost is asked again.

use sealgate_shared::cookie::{CookieName, values_of};
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::refresh::{Channel, FilteredRefresh, RefreshSelection, SealedRefresh, select_refresh};
use sealgate_shared::reject::Reject;
use sealgate_shared::report::{Counter, Refresh as Counted};
use sealgate_shared::time::UnixMillis;

use crate::door::Door;
use crate::errand::{Errand, Kind, Outcome};
use crate::refusal::Refusal;
use crate::request::Incoming;
use crate::settings::Tenant;
use crate::verdict::Verdict;

pub(crate) mod answer;

/// The most refresh tokens that are remembered as refused. One that was pushed out is shown again.
pub(crate) const REFUSED: usize = 4_096;

/// What the refresh tokens of a request come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// None of them can have been made for this tenant and a session that is not over; the reason of the first.
    None(Option<Reject>),
    /// One may be shown to the origin.
    Show(Errand),
    /// One could be, and the answer is known.
    Refuse(Reject),
}

impl Door {
    /// What becomes of a request without a good access token: of `access` at most, which is the session of one that the
    /// origin made, it is known whose it was. `why` is what is wrong with it.
    pub(crate) fn renew(
        &mut self,
        incoming: &Incoming<'_>,
        tenant: &Tenant,
        (access, why): (Option<SessionId>, Refusal),
        outcome: Option<Outcome>,
    ) -> Verdict {
        match self.offer(incoming, tenant, access, outcome) {
            // What the origin gave for it is no good, or it gave nothing. Nobody is signed out for that.
            Offer::Show(_) if has_tried(outcome) => Refusal::OriginUnavailable.into(),
            Offer::Show(errand) => Verdict::Need(errand),
            Offer::Refuse(reject) => Refusal::Token(reject).into(),
            Offer::None(Some(Reject::UnknownKid)) => self.doubt_ring(incoming, outcome),
            Offer::None(_) if why == Refusal::Token(Reject::UnknownKid) => self.doubt_ring(incoming, outcome),
            Offer::None(_) => why.into(),
        }
    }

    /// Judges the refresh tokens in cookies. The ring is there, or there is no offer.
    pub(crate) fn offer(
        &mut self,
        incoming: &Incoming<'_>,
        tenant: &Tenant,
        access: Option<SessionId>,
        outcome: Option<Outcome>,
    ) -> Offer {
        let now = incoming.now;
        let values = values_of(incoming.cookie, self.settings.names, CookieName::Refresh);
        let Some(ring) = self.ring.get(now) else { return Offer::None(None) };
        let (refresh, text) = match select_refresh(values, ring, &tenant.id, now) {
            RefreshSelection::Missing => return Offer::None(None),
            RefreshSelection::Rejected(Reject::AmbiguousSession) => return Offer::Refuse(Reject::AmbiguousSession),
            RefreshSelection::Rejected(reject) => return Offer::None(Some(reject)),
            RefreshSelection::Passed(refresh, text) => (refresh, text),
        };
        let session = refresh.claims().session;
        if access.is_some_and(|access| access != session) {
            return Offer::Refuse(Reject::AmbiguousSession);
        }
        if self.has_ended(session, outcome, now) {
            return Offer::Refuse(Reject::Revoked);
        }
        if let Some(Outcome::Refused(reject)) = outcome {
            return Offer::Refuse(reject);
        }
        if let Some(&reject) = self.refused.get(refresh.mac()) {
            self.counts.add(Counter::Refresh(Counted::Known), 1);
            return Offer::Refuse(reject);
        }
        Offer::Show(Errand::Refresh { tenant: tenant.id.clone(), token: text.to_owned() })
    }

    /// Whether the session itself is known to be revoked. A mark does not say that: it may hit too much, and the origin knows.
    pub(crate) fn has_ended(&self, session: SessionId, outcome: Option<Outcome>, now: UnixMillis) -> bool {
        self.feed.hits_session(session)
            || self.answers.is_revoked(session, now)
            || outcome == Some(Outcome::Revoked(session))
    }

    /// The origin gives no tokens for that one. It never will: the token is remembered by its outer MAC, and when it is too
    /// old to pass the filter, what is remembered of it is of no use any more.
    fn remember_refused(&mut self, tenant: &TenantId, token: &str, reject: Reject, now: UnixMillis) {
        if let Some(refresh) = self.filter_refresh(tenant, token, now) {
            self.refused.insert(*refresh.mac(), reject);
        }
    }

    fn filter_refresh<'t>(&self, tenant: &TenantId, token: &'t str, now: UnixMillis) -> Option<FilteredRefresh<'t>> {
        SealedRefresh::parse(token).ok()?.filter(Channel::Cookie, self.ring.get(now)?, tenant, now).ok()
    }
}

/// Whether the origin was just shown a refresh token.
pub(crate) const fn has_tried(outcome: Option<Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Refreshed | Outcome::Failed(Kind::Refresh)))
}
