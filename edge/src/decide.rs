//! The decision about a request: the one path from a request to a verdict.

mod auth;

use core::num::NonZeroU32;
use std::rc::Rc;

use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::{CookieName, Selection, select, values_of};
use sealgate_shared::reject::Reject;
use sealgate_shared::report::Counter;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{RevocationAnswer, Sealed, TokenKind, Verified};

pub(crate) use auth::may_end;

use crate::door::Door;
use crate::errand::{Errand, Kind, Outcome};
use crate::forward::Forward;
use crate::refusal::{Denial, Refusal};
use crate::request::{Incoming, Target};
use crate::revocation;
use crate::routes::{Policy, Revocation, Rule};
use crate::settings::Tenant;
use crate::verdict::Verdict;
use crate::{assertion, csrf};

/// The most bytes of cookies that are read. Servers behind us refuse more, too.
const MAX_COOKIE: usize = 8_192;

impl Door {
    /// Decides what becomes of a request. `outcome` is how the errand ended that the last verdict about this
    /// same request asked for.
    pub fn decide(&mut self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Verdict {
        let mut verdict = self.try_decide(incoming, outcome).unwrap_or_else(|stop| stop);
        if let Verdict::Refuse(denial) = &mut verdict {
            denial.is_bearer = incoming.bearer().is_some();
        }
        self.count(&verdict);
        verdict
    }

    /// `Err` is a verdict as well: the one that ends the decision early.
    fn try_decide(&mut self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Result<Verdict, Verdict> {
        self.feed.heed_clock(incoming.now);
        let target = Target::parse(incoming.url).ok_or(Refusal::UnknownHost)?;
        let settings = Rc::clone(&self.settings);
        let tenant = settings.tenant(target.host).ok_or(Refusal::UnknownHost)?;
        // What we have put before the request's own cookies since then does not count.
        if outcome.is_none() && incoming.cookie.len() > MAX_COOKIE {
            return Err(Refusal::CookieTooLarge.into());
        }
        if auth::is_auth(target.path) {
            self.heed_auth(incoming, &target, tenant, outcome)?;
            let forward = Forward::origin(incoming, &target, tenant, &settings);
            return Ok(Verdict::Forward(forward, None));
        }
        let rule = tenant.routes.rule(target.path);
        if rule.policy == Policy::Public {
            return Ok(Verdict::Forward(Forward::public(incoming, &target, tenant, &settings), None));
        }
        let bearer = incoming.bearer();
        let verified = match bearer {
            Some(token) => self.verify_bearer(token, incoming, tenant, outcome)?,
            None => self.verify_cookies(incoming, tenant, outcome)?,
        };
        let answer = revocation::Question { feed: &mut self.feed, answers: &self.answers, settings: &settings }
            .answer(&verified, rule, incoming, outcome, &mut self.counts)?;
        let session = verified.claims().session;
        if answer == RevocationAnswer::Revoked && bearer.is_none() && !self.has_ended(session, outcome, incoming.now) {
            // A mark hits the token. It may hit too much: the origin decides by the session's row.
            let why = Refusal::Token(Reject::Revoked);
            return Err(self.renew(incoming, tenant, (Some(session), why), outcome));
        }
        let live = verified.admit(answer).map_err(refuse)?;
        if bearer.is_none() {
            csrf::check(incoming, &target, rule, live.claims(), self.ring.get(incoming.now))?;
        }
        check_freshness(rule, live.claims(), incoming.now)?;
        let mut forward = Forward::session(&live, incoming, &target, tenant, &settings);
        if let Some(asserter) = &tenant.asserter {
            forward.set(assertion::HEADER, self.assertions.get(asserter, &live, incoming.now));
        }
        Ok(Verdict::Forward(forward, self.errand_behind(rule, incoming.now)))
    }

    /// What to fetch behind a request, before the next one needs it.
    fn errand_behind(&mut self, rule: Rule, now: UnixMillis) -> Option<Errand> {
        let feed = (rule.revocation == Revocation::Feed).then(|| self.feed.errand_behind(now)).flatten();
        feed.or_else(|| self.ring.wants_renewal(now).then_some(Errand::Keyring))
    }

    /// The token of a native client. Whoever holds one refreshes it by itself.
    fn verify_bearer(
        &mut self,
        token: &str,
        incoming: &Incoming<'_>,
        tenant: &Tenant,
        outcome: Option<Outcome>,
    ) -> Result<Verified, Verdict> {
        let ring = self.ring.get(incoming.now).ok_or_else(|| self.want_ring(incoming, outcome))?;
        let authentic =
            Sealed::parse(token).and_then(|sealed| sealed.authenticate(TokenKind::Bearer, ring, &tenant.id));
        match authentic.and_then(|token| token.verify(incoming.now).map_err(Reject::from)) {
            Ok(verified) => Ok(verified),
            Err(Reject::UnknownKid) => Err(self.doubt_ring(incoming, outcome)),
            Err(reject) => Err(refuse(reject)),
        }
    }

    fn verify_cookies(
        &mut self,
        incoming: &Incoming<'_>,
        tenant: &Tenant,
        outcome: Option<Outcome>,
    ) -> Result<Verified, Verdict> {
        let (access, why) = match self.select(incoming, tenant) {
            None => return Err(self.want_ring(incoming, outcome)),
            Some(Selection::Verified(verified)) => return Ok(verified),
            Some(Selection::Rejected(Reject::AmbiguousSession)) => return Err(refuse(Reject::AmbiguousSession)),
            Some(Selection::Expired(token)) => (Some(token.claims().session), Refusal::Token(Reject::Expired)),
            Some(Selection::Rejected(reject)) => (None, Refusal::Token(reject)),
            Some(Selection::Missing) => (None, Refusal::Missing),
        };
        Err(self.renew(incoming, tenant, (access, why), outcome))
    }

    /// Chooses among the request's access tokens; `None` if there are tokens of ours and no keyring to judge them by.
    fn select(&self, incoming: &Incoming<'_>, tenant: &Tenant) -> Option<Selection> {
        let values = |cookie| values_of(incoming.cookie, self.settings.names, cookie);
        let Some(ring) = self.ring.get(incoming.now) else {
            // Without a cookie the ring would change nothing: whoever has none is told so, ring or not.
            let has_none =
                [CookieName::Access, CookieName::Refresh].iter().all(|cookie| values(*cookie).next().is_none());
            return has_none.then_some(Selection::Missing);
        };
        Some(select(values(CookieName::Access), ring, &tenant.id, incoming.now))
    }

    /// What becomes of a request that nobody can judge without a keyring.
    fn want_ring(&self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Verdict {
        if outcome != Some(Outcome::Failed(Kind::Keyring)) && self.ring.may_fetch(incoming.now) {
            Verdict::Need(Errand::Keyring)
        } else {
            Refusal::OriginUnavailable.into()
        }
    }

    /// An unknown key id may be a new key, or an invention. The head of the feed tells whether there is a newer keyring,
    /// and is read no more often than for everybody else; while it cannot be read, "unknown" may be our own fault, and
    /// is 503.
    pub(crate) fn doubt_ring(&mut self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Verdict {
        let has_failed = matches!(outcome, Some(Outcome::Failed(_)));
        // What a shared cache has is never fresh, but good enough: a key is published before it signs.
        if self.feed.is_fresh(incoming.now) || matches!(outcome, Some(Outcome::Feed(_))) {
            refuse(Reject::UnknownKid)
        } else if has_failed || self.feed.is_unreachable(incoming.now) {
            Refusal::OriginUnavailable.into()
        } else {
            Verdict::Need(self.feed.errand(incoming.now))
        }
    }

    fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Forward(forward, _) => self.counts.add(Counter::Forward(forward.to), 1),
            Verdict::Refuse(denial) => self.counts.add(Counter::Refuse(denial.why), 1),
            Verdict::Need(_) => {}
        }
    }
}

/// Where the route wants it, the actor must have proved who they are a short while ago.
fn check_freshness(rule: Rule, claims: &Claims, now: UnixMillis) -> Result<(), Verdict> {
    let is_stale =
        |seconds: NonZeroU32| now.since(claims.authenticated_at) >= u64::from(seconds.get()).saturating_mul(1_000);
    match rule.max_age_s {
        Some(seconds) if is_stale(seconds) => {
            Err(Verdict::Refuse(Denial { max_age_s: Some(seconds), ..Refusal::NotFresh.into() }))
        }
        _ => Ok(()),
    }
}

fn refuse(reject: Reject) -> Verdict {
    Refusal::Token(reject).into()
}

#[cfg(test)]
mod tests;
