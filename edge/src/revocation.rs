//! The decision whether a session was revoked: how a route wants to know, and what happens when nobody can tell.

use sealgate_shared::report::{Age, Counter, Report, Stale};
use sealgate_shared::token::{RevocationAnswer, Verified};

use crate::answers::Answers;
use crate::errand::{Errand, Kind, Outcome};
use crate::feed::Feed;
use crate::refusal::Refusal;
use crate::request::Incoming;
use crate::routes::{Revocation, Rule, Unreachable};
use crate::settings::Settings;
use crate::verdict::Verdict;

/// What the question is answered from.
pub(crate) struct Question<'a> {
    pub(crate) feed: &'a mut Feed,
    pub(crate) answers: &'a Answers,
    pub(crate) settings: &'a Settings,
}

impl Question<'_> {
    /// Whether the token's session was revoked, as the rule of the route has it.
    pub(crate) fn answer(
        mut self,
        verified: &Verified,
        rule: Rule,
        incoming: &Incoming<'_>,
        outcome: Option<Outcome>,
        counts: &mut Report,
    ) -> Result<RevocationAnswer, Verdict> {
        // A revocation once seen always wins, whatever the rule and however old the set.
        if self.is_known_revoked(verified, incoming, outcome) {
            return Ok(RevocationAnswer::Revoked);
        }
        let answer = match rule.revocation {
            Revocation::None => RevocationAnswer::NotAsked,
            Revocation::Ask => self.ask(verified, incoming, outcome)?,
            Revocation::Feed => self.read(verified, rule, incoming, outcome, counts)?,
        };
        if let RevocationAnswer::Live { age_ms, .. } = answer {
            counts.add(Counter::Age(Age::of(age_ms)), 1);
        }
        Ok(answer)
    }

    fn is_known_revoked(&self, verified: &Verified, incoming: &Incoming<'_>, outcome: Option<Outcome>) -> bool {
        let session = verified.claims().session;
        self.feed.hits(verified)
            || outcome == Some(Outcome::Revoked(session))
            || self.answers.is_revoked(session, incoming.now)
    }

    /// By the feed.
    fn read(
        &mut self,
        verified: &Verified,
        rule: Rule,
        incoming: &Incoming<'_>,
        outcome: Option<Outcome>,
        counts: &mut Report,
    ) -> Result<RevocationAnswer, Verdict> {
        let session = verified.claims().session;
        if let Some(age_ms) = self.feed.current(session, incoming.now) {
            return Ok(RevocationAnswer::Live { session, age_ms });
        }
        let has_failed = matches!(outcome, Some(Outcome::Failed(_) | Outcome::Live(..)));
        if !has_failed && !self.feed.is_unreachable(incoming.now) {
            let has_answered = matches!(outcome, Some(Outcome::Feed(_)));
            return Err(Verdict::Need(self.feed.errand_about(session, has_answered, incoming.now)));
        }
        match rule.unreachable {
            Unreachable::Ask => {
                let answer = self.ask(verified, incoming, outcome);
                // Once for the request, when it is decided.
                if !matches!(answer, Err(Verdict::Need(_))) {
                    counts.add(Counter::Stale(Stale::Ask), 1);
                }
                answer
            }
            Unreachable::Open => {
                // What was doubted here is not let through on what was known before.
                let age = self.feed.age(incoming.now).filter(|age| *age <= self.settings.open_for_ms);
                let age = age.filter(|_| incoming.is_safe() && !self.feed.is_doubted(session));
                match age {
                    Some(age_ms) => {
                        counts.add(Counter::Stale(Stale::Open), 1);
                        Ok(RevocationAnswer::Live { session, age_ms })
                    }
                    None => Err(close(counts)),
                }
            }
            Unreachable::Closed => Err(close(counts)),
        }
    }

    /// By asking the origin about the session.
    fn ask(
        &self,
        verified: &Verified,
        incoming: &Incoming<'_>,
        outcome: Option<Outcome>,
    ) -> Result<RevocationAnswer, Verdict> {
        let claims = verified.claims();
        let session = claims.session;
        match (self.answers.age(session, incoming.now), outcome) {
            (Some(age_ms), _) => Ok(RevocationAnswer::Live { session, age_ms }),
            (None, Some(Outcome::Live(about, asked_at))) if about == session => {
                Ok(RevocationAnswer::Live { session, age_ms: incoming.now.since(asked_at) })
            }
            (None, Some(Outcome::Failed(Kind::Check))) => Err(Refusal::OriginUnavailable.into()),
            (None, _) => {
                let (tenant, expires_at) = (claims.tenant.clone(), claims.expires_at);
                Err(Verdict::Need(Errand::Check { tenant, session, expires_at }))
            }
        }
    }
}

fn close(counts: &mut Report) -> Verdict {
    counts.add(Counter::Stale(Stale::Closed), 1);
    Refusal::OriginUnavailable.into()
}
