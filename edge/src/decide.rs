//! The decision about a request: the one path from a request to a verdict.

use std::rc::Rc;

use sealgate_shared::cookie::{CookieName, Selection, select, values_of};
use sealgate_shared::id::SessionId;
use sealgate_shared::reject::Reject;
use sealgate_shared::report::Counter;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::Verified;

use crate::assertion;
use crate::door::Door;
use crate::errand::{Errand, Kind, Outcome};
use crate::forward::Forward;
use crate::refusal::Refusal;
use crate::request::{Incoming, Target};
use crate::revocation;
use crate::routes::{Policy, Revocation, Rule, is_canonical};
use crate::settings::Tenant;
use crate::verdict::Verdict;

/// The most bytes of cookies that are read. Servers behind us refuse more, too.
const MAX_COOKIE: usize = 8_192;

impl Door {
    /// Decides what becomes of a request. `outcome` is how the errand ended that the last verdict about this
    /// same request asked for.
    pub fn decide(&mut self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Verdict {
        let verdict = self.try_decide(incoming, outcome).unwrap_or_else(|stop| stop);
        self.count(&verdict);
        verdict
    }

    /// `Err` is a verdict as well: the one that ends the decision early.
    fn try_decide(&mut self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Result<Verdict, Verdict> {
        self.feed.heed_clock(incoming.now);
        let target = Target::parse(incoming.url).ok_or(Verdict::Refuse(Refusal::UnknownHost))?;
        let settings = Rc::clone(&self.settings);
        let tenant = settings.tenant(target.host).ok_or(Verdict::Refuse(Refusal::UnknownHost))?;
        if incoming.cookie.len() > MAX_COOKIE {
            return Err(Verdict::Refuse(Refusal::CookieTooLarge));
        }
        if is_auth(target.path) {
            if incoming.method != "GET" {
                self.doubt(incoming);
            }
            let forward = Forward::origin(incoming, &target, tenant, &settings);
            return Ok(Verdict::Forward(forward, None));
        }
        let rule = tenant.routes.rule(target.path);
        if rule.policy == Policy::Public {
            return Ok(Verdict::Forward(Forward::public(incoming, &target, tenant, &settings), None));
        }
        let verified = self.verify(incoming, tenant, outcome)?;
        let answer = revocation::Question { feed: &mut self.feed, answers: &self.answers, settings: &settings }
            .answer(&verified, rule, incoming, outcome, &mut self.counts)?;
        let live = verified.admit(answer).map_err(refuse)?;
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

    fn verify(
        &mut self,
        incoming: &Incoming<'_>,
        tenant: &Tenant,
        outcome: Option<Outcome>,
    ) -> Result<Verified, Verdict> {
        match self.select(incoming, tenant) {
            // Without a cookie the ring would change nothing: whoever has none is told so, ring or not.
            Some(Selection::Missing) => Err(Verdict::Refuse(Refusal::Missing)),
            Some(Selection::Verified(verified)) => Ok(verified),
            Some(Selection::Expired(_)) => Err(refuse(Reject::Expired)),
            Some(Selection::Rejected(Reject::UnknownKid)) => Err(self.doubt_ring(incoming, outcome)),
            Some(Selection::Rejected(reject)) => Err(refuse(reject)),
            None if outcome != Some(Outcome::Failed(Kind::Keyring)) && self.ring.may_fetch(incoming.now) => {
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
        Some(select(values, self.ring.get(incoming.now)?, &tenant.id, incoming.now))
    }

    /// An unknown key id may be a new key, or an invention. The head of the feed tells whether there is a newer keyring,
    /// and is read no more often than for everybody else; while it cannot be read, "unknown" may be our own fault, and
    /// is 503.
    fn doubt_ring(&mut self, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> Verdict {
        let has_failed = matches!(outcome, Some(Outcome::Failed(_)));
        // What a shared cache has is never fresh, but good enough: a key is published before it signs.
        if self.feed.is_fresh(incoming.now) || matches!(outcome, Some(Outcome::Feed(_))) {
            refuse(Reject::UnknownKid)
        } else if has_failed || self.feed.is_unreachable(incoming.now) {
            Verdict::Refuse(Refusal::OriginUnavailable)
        } else {
            Verdict::Need(self.feed.errand(incoming.now))
        }
    }

    /// A request to `/auth` may end the session that it carries, from when it is sent until it is answered: nothing that was
    /// known of the session before counts any more. To be called at both moments.
    pub fn doubt(&mut self, incoming: &Incoming<'_>) {
        let settings = Rc::clone(&self.settings);
        let tenant = Target::parse(incoming.url).and_then(|target| settings.tenant(target.host));
        if let Some(session) = tenant.and_then(|tenant| self.session_named(incoming, tenant)) {
            self.answers.forget_live(session);
            self.feed.doubt(session, incoming.now);
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

    fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Forward(forward, _) => self.counts.add(Counter::Forward(forward.to), 1),
            Verdict::Refuse(refusal) => self.counts.add(Counter::Refuse(*refusal), 1),
            Verdict::Need(_) => {}
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
    Verdict::Refuse(Refusal::Token(reject))
}

#[cfg(test)]
mod tests;
