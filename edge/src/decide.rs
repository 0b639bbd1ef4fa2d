//! The decision about a request: the one path from a request to a verdict.

use sealgate_shared::cookie::{CookieName, Selection, select, values_of};
use sealgate_shared::id::SessionId;
use sealgate_shared::reject::Reject;
use sealgate_shared::token::{Live, RevocationAnswer, Verified};

use crate::door::Door;
use crate::errand::{Errand, Outcome};
use crate::forward::Forward;
use crate::refusal::Refusal;
use crate::request::{Incoming, Target};
use crate::routes::{Policy, is_canonical};
use crate::settings::Tenant;
use crate::verdict::Verdict;

/// The most bytes of cookies that are read. Servers behind us refuse more, too.
const MAX_COOKIE: usize = 8_192;

impl Door {
    /// Decides what becomes of a request. `outcome` is how the errand ended that the last verdict about this
    /// same request asked for.
    pub fn decide(&mut self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Verdict {
        self.try_decide(incoming, outcome).unwrap_or_else(|stop| stop)
    }

    /// `Err` is a verdict as well: the one that ends the decision early.
    fn try_decide(&mut self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Result<Verdict, Verdict> {
        let target = Target::parse(incoming.url).ok_or(Verdict::Refuse(Refusal::UnknownHost))?;
        let tenant = self.settings.tenant(target.host).ok_or(Verdict::Refuse(Refusal::UnknownHost))?;
        if incoming.cookie.len() > MAX_COOKIE {
            return Err(Verdict::Refuse(Refusal::CookieTooLarge));
        }
        if is_auth(target.path) {
            let forward = Forward::origin(incoming, &target, tenant, &self.settings);
            if incoming.method != "GET"
                && let Some(session) = self.session_named(incoming, tenant)
            {
                self.answers.forget_live(session);
            }
            return Ok(Verdict::Forward(forward, None));
        }
        if tenant.routes.policy(target.path) == Policy::Public {
            return Ok(Verdict::Forward(Forward::public(incoming, &target, tenant, &self.settings), None));
        }
        let live = self.admit(incoming, tenant, outcome)?;
        let behind = self.wants_ring(incoming.now).then_some(Errand::Keyring);
        Ok(Verdict::Forward(Forward::session(&live, incoming, &target, tenant, &self.settings), behind))
    }

    /// From the cookies to a live session.
    fn admit(&self, incoming: &Incoming<'_>, tenant: &Tenant, outcome: Option<Outcome>) -> Result<Live, Verdict> {
        let verified = self.verify(incoming, tenant, outcome)?;
        let answer = self.revocation(&verified, incoming, outcome)?;
        verified.admit(answer).map_err(refuse)
    }

    fn verify(&self, incoming: &Incoming<'_>, tenant: &Tenant, outcome: Option<Outcome>) -> Result<Verified, Verdict> {
        match self.select(incoming, tenant) {
            // Without a cookie the ring would change nothing: whoever has none is told so, ring or not.
            Some(Selection::Missing) => Err(Verdict::Refuse(Refusal::Missing)),
            Some(Selection::Verified(verified)) => Ok(verified),
            Some(Selection::Expired(_)) => Err(refuse(Reject::Expired)),
            Some(Selection::Rejected(Reject::UnknownKid)) => Err(self.doubt_ring(incoming, outcome)),
            Some(Selection::Rejected(reject)) => Err(refuse(reject)),
            None if outcome != Some(Outcome::Failed) && self.may_fetch_ring(incoming.now) => {
                Err(Verdict::Need(Errand::Keyring))
            }
            None => Err(Verdict::Refuse(Refusal::OriginUnavailable)),
        }
    }

    /// Chooses among the request's cookies; `None` if there are some and no keyring to judge them by.
    fn select(&self, incoming: &Incoming<'_>, tenant: &Tenant) -> Option<Selection> {
        let mut values = values_of(incoming.cookie, self.settings.names, CookieName::Access).peekable();
        if values.peek().is_none() {
            return Some(Selection::Missing);
        }
        Some(select(values, self.ring(incoming.now)?, &tenant.id, incoming.now))
    }

    /// An unknown key id may be a new key, or an invention. The origin is asked now and then; while it does
    /// not answer, "unknown" may be our own fault, and is 503.
    fn doubt_ring(&self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Verdict {
        if outcome == Some(Outcome::Failed) {
            Verdict::Refuse(Refusal::OriginUnavailable)
        } else if self.may_try_ring(incoming.now) {
            Verdict::Need(Errand::Keyring)
        } else if self.ring_failed() {
            Verdict::Refuse(Refusal::OriginUnavailable)
        } else {
            refuse(Reject::UnknownKid)
        }
    }

    /// Whether the session is revoked: from memory, or as the origin just said, or to be asked.
    fn revocation(
        &self,
        verified: &Verified,
        incoming: &Incoming<'_>,
        outcome: Option<Outcome>,
    ) -> Result<RevocationAnswer, Verdict> {
        let claims = verified.claims();
        let session = claims.session;
        match (self.answers.find(session, incoming.now), outcome) {
            (_, Some(Outcome::Revoked(about))) if about == session => Ok(RevocationAnswer::Revoked),
            (Some(answer), _) => Ok(answer),
            (None, Some(Outcome::Live(about, asked_at))) if about == session => {
                Ok(RevocationAnswer::Live { session, age_ms: incoming.now.since(asked_at) })
            }
            (None, Some(Outcome::Failed)) => Err(Verdict::Refuse(Refusal::OriginUnavailable)),
            (None, _) => {
                let (tenant, expires_at) = (claims.tenant.clone(), claims.expires_at);
                Err(Verdict::Need(Errand::Check { tenant, session, expires_at }))
            }
        }
    }

    /// The session a request to `/auth` is about, if it can be told without asking.
    fn session_named(&self, incoming: &Incoming<'_>, tenant: &Tenant) -> Option<SessionId> {
        match self.select(incoming, tenant)? {
            Selection::Verified(verified) => Some(verified.claims().session),
            Selection::Expired(token) => Some(token.claims().session),
            Selection::Missing | Selection::Rejected(_) => None,
        }
    }
}

/// `/auth` and all below it is the origin's, at every site. A path that only looks like it, to some or after
/// decoding, is not: it goes to the application, which needs a session. `/auth/../internal/check` must not go to
/// the origin under our credential.
fn is_auth(path: &str) -> bool {
    path.strip_prefix("/auth").is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) && is_canonical(path)
}

const fn refuse(reject: Reject) -> Verdict {
    Verdict::Refuse(Refusal::Rejected(reject))
}

#[cfg(test)]
mod tests;
