//! Refreshing: whoever shows a refresh token gets the tokens of the session's present generation, or of the next.

mod choose;
mod issue;
mod rules;
mod step;

use std::net::IpAddr;
use std::sync::Arc;

use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::refresh::{ProvedRefresh, SealedRefresh};
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;

pub use choose::RefreshCookie;
pub use issue::Issued;
pub(super) use issue::claims_of;
use rules::{Moment, Noted, Shown, Verdict, decide};
use step::{Step, Token, answer_late};

use super::{Office, OfficeError, TenantKeys};
use crate::clock::milliseconds;
use crate::iso8601;
use crate::session::{Channel, Session, Status, fingerprint, name_device};
use crate::store::{KeyState, RefreshFacts, SessionChange};

/// How often to decide again when the row, the keys or a mark has changed in between. Each try that is lost means that
/// something was committed meanwhile.
const TRIES: u32 = 32;

/// A refresh token, and where it comes from.
#[derive(Clone, Copy)]
pub struct RefreshRequest<'a> {
    pub tenant: &'a TenantId,
    /// Where the token was found: one that was made for another place is none.
    pub channel: Channel,
    pub token: &'a str,
    pub user_agent: Option<&'a str>,
    pub ip: Option<IpAddr>,
}

/// What came of it.
#[derive(Debug)]
pub struct Refreshing {
    pub outcome: Result<Refreshed, RefreshRefusal>,
    /// The version of the keyring that it was decided by.
    pub keyring: u64,
}

/// The tokens for whoever asked, and how it came to them.
#[derive(Debug)]
pub struct Refreshed {
    pub issued: Issued,
    pub how: RefreshKind,
}

/// Which rule of refreshing was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshKind {
    /// The same answer as before.
    Same,
    /// The next generation.
    Step,
    /// Either, for somebody whose last answer was lost.
    Late,
}

/// Why there are no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshRefusal {
    #[error(transparent)]
    Rejected(Reject),
    /// The session has just ended for it.
    #[error("it was replaced long ago; somebody may have copied it, and the session has ended")]
    Reuse,
    #[error("it is newer than what is known of the session")]
    HistoryLost,
}

impl RefreshRefusal {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rejected(reject) => reject.label(),
            Self::Reuse => "reuse",
            Self::HistoryLost => "history_lost",
        }
    }
}

/// What a decision came to: `None` when something else was committed meanwhile.
type Attempt<T> = Result<Option<T>, OfficeError>;

impl Office {
    /// Answers somebody who shows a refresh token, as the rules say. One statement reads and, for the next generation, one
    /// more writes, unless others come at the same moment.
    pub async fn refresh(&self, request: &RefreshRequest<'_>) -> Result<Refreshing, OfficeError> {
        let refused = |reject, keyring| Refreshing { outcome: Err(RefreshRefusal::Rejected(reject)), keyring };
        let mut keys = self.keys(request.tenant).await?;
        let sealed = match SealedRefresh::parse(request.token) {
            Ok(sealed) => sealed,
            Err(reject) => return Ok(refused(reject, keys.version)),
        };
        keys = self.keys_naming(request.tenant, sealed.kid(), keys).await?;
        match prove(&sealed, request, &keys, self.clock.now()) {
            Ok(proved) => self.answer(request, &proved, keys).await,
            Err(reject) => Ok(refused(reject, keys.version)),
        }
    }

    async fn answer(
        &self,
        request: &RefreshRequest<'_>,
        proved: &ProvedRefresh,
        mut keys: Arc<TenantKeys>,
    ) -> Result<Refreshing, OfficeError> {
        let client = Client::new(request, &keys);
        let mut lost_at = None;
        for _ in 0..TRIES {
            let now = self.clock.now();
            let found = self.store.refresh_facts(request.tenant, proved.claims().session).await?;
            let facts = match live(found, request.channel, now) {
                Ok(facts) => facts,
                Err(reject) => {
                    return Ok(Refreshing { outcome: Err(RefreshRefusal::Rejected(reject)), keyring: keys.version });
                }
            };
            if lost_at == Some((facts.session.generation, facts.session.issued_at)) {
                // Nobody else has moved it, so it is the key; be it by hand and without a new version.
                keys = self.reload_keys(request.tenant, keys.version + 1).await?;
                if keys.disabled {
                    return Err(OfficeError::TenantDisabled(request.tenant.clone()));
                }
            }
            keys = self.keys_naming(request.tenant, facts.session.signing_key, keys).await?;
            let token = Token { generation: proved.claims().generation, key: proved.kid() };
            let decision = Decision { token, client: &client, facts: &facts, now };
            if let Some(outcome) = self.decide(&decision, &keys).await? {
                return Ok(Refreshing { outcome, keyring: keys.version });
            }
            lost_at = Some((facts.session.generation, facts.session.issued_at));
        }
        Err(OfficeError::KeysInMotion)
    }

    async fn decide(&self, on: &Decision<'_>, keys: &TenantKeys) -> Attempt<Result<Refreshed, RefreshRefusal>> {
        let window = milliseconds(self.settings.lifetimes.refresh_window);
        let shown = Shown { generation: on.token.generation, fingerprint: on.client.fingerprint };
        let at = Moment { now: on.now, window, marked: on.facts.marked };
        match decide(&on.facts.session, &shown, &at) {
            Verdict::Same(noted) => Ok(self.give_again(on, noted, keys).await?.map(Ok)),
            Verdict::Step { keep_previous, noted } => self.step(on, keep_previous, noted, keys).await,
            Verdict::Reuse => Ok(self.end_reused(on).await?.map(Err)),
            Verdict::HistoryLost => Ok(Some(Err(RefreshRefusal::HistoryLost))),
        }
    }

    /// Gives the tokens of the present generation again.
    async fn give_again(&self, on: &Decision<'_>, noted: Noted, keys: &TenantKeys) -> Attempt<Refreshed> {
        let session = &on.facts.session;
        let (session, how) = match noted {
            Noted::Nothing => (session.clone(), RefreshKind::Same),
            Noted::Presented => {
                if !self.store.note_presented(on.facts, on.now).await? {
                    return Ok(None);
                }
                (Session { presented: true, ..session.clone() }, RefreshKind::Same)
            }
            Noted::Late => {
                let after = self.meet(answer_late(session, on.token, on.now), on.client);
                let change = SessionChange { before: on.facts, after: &after, now: on.now };
                if !self.store.answer_late(&change, &on.describe()).await? {
                    return Ok(None);
                }
                (after, RefreshKind::Late)
            }
        };
        Ok(Some(Refreshed { issued: keys.issue(session, self.settings.cookies)?, how }))
    }

    /// Moves the session to its next generation.
    async fn step(
        &self,
        on: &Decision<'_>,
        keep_previous: bool,
        noted: Noted,
        keys: &TenantKeys,
    ) -> Attempt<Result<Refreshed, RefreshRefusal>> {
        let step = Step {
            now: on.now,
            marked: on.facts.marked,
            lifetimes: &self.settings.lifetimes,
            key: keys.active,
            token: on.token,
            keep_previous,
            noted,
            roles: on.facts.actor.roles.as_ref(),
            assurance: on.facts.actor.assurance,
        };
        // The tokens first: nothing is stored that could not be signed.
        let Some(issued) = self.sign_step(&step, on, keys)? else {
            return Ok(Some(Err(RefreshRefusal::Rejected(Reject::Expired))));
        };
        let change = SessionChange { before: on.facts, after: &issued.session, now: on.now };
        let (stepped, how) = match noted {
            Noted::Late => (self.store.answer_late(&change, &on.describe()).await?, RefreshKind::Late),
            Noted::Nothing | Noted::Presented => (self.store.step_session(&change).await?, RefreshKind::Step),
        };
        Ok(stepped.then_some(Ok(Refreshed { issued, how })))
    }

    /// Signs the tokens of the next generation; `None` when there is no time left for one.
    fn sign_step(&self, step: &Step<'_>, on: &Decision<'_>, keys: &TenantKeys) -> Attempt<Issued> {
        let sign = |step: &Step<'_>| {
            let after = step.apply(&on.facts.session);
            after.map(|after| keys.issue(self.meet(after, on.client), self.settings.cookies)).transpose()
        };
        match sign(step) {
            Err(OfficeError::TokenTooLong) if step.roles.is_some() => {
                let session = on.facts.session.id;
                tracing::error!(%session, "an actor's roles do not fit a token: the session goes on with those it has");
                sign(&Step { roles: None, ..*step })
            }
            signed => signed,
        }
    }

    async fn end_reused(&self, on: &Decision<'_>) -> Attempt<RefreshRefusal> {
        if !self.store.end_reused(on.facts, &on.describe(), on.now).await? {
            return Ok(None);
        }
        self.notice().await;
        let session = &on.facts.session;
        tracing::warn!(tenant = %session.tenant, session = %session.id, "a refresh token was shown that had been replaced: the session has ended");
        Ok(Some(RefreshRefusal::Reuse))
    }

    /// The session as used by this client.
    fn meet(&self, session: Session, client: &Client<'_>) -> Session {
        let keep = self.settings.keep;
        Session {
            fingerprint: client.fingerprint,
            device_name: client.user_agent.map_or(session.device_name, name_device),
            ip: keep.address(client.ip),
            user_agent: keep.browser(client.user_agent),
            ..session
        }
    }

    /// The keys given, or newer ones when they do not know of this key: another origin may have made it a moment ago.
    async fn keys_naming(
        &self,
        tenant: &TenantId,
        key: KeyId,
        keys: Arc<TenantKeys>,
    ) -> Result<Arc<TenantKeys>, OfficeError> {
        if keys.state_of(key).is_some() {
            return Ok(keys);
        }
        let version = self.store.keyring_version().await?;
        self.keys_as_of(tenant, version).await
    }
}

/// Who shows the token.
struct Client<'a> {
    fingerprint: Option<[u8; 32]>,
    user_agent: Option<&'a str>,
    ip: Option<IpAddr>,
}

impl<'a> Client<'a> {
    fn new(request: &RefreshRequest<'a>, keys: &TenantKeys) -> Self {
        let fingerprint = request.user_agent.map(|user_agent| fingerprint(&keys.fingerprint_key, user_agent));
        Self { fingerprint, user_agent: request.user_agent, ip: request.ip }
    }
}

/// What is decided on.
struct Decision<'a> {
    token: Token,
    client: &'a Client<'a>,
    facts: &'a RefreshFacts,
    now: UnixMillis,
}

impl Decision<'_> {
    /// For whoever reads the audit log.
    fn describe(&self) -> String {
        let session = &self.facts.session;
        let device = if self.client.fingerprint == session.fingerprint { "" } else { ", from another user agent" };
        let since = iso8601::format(session.issued_at);
        let shown = self.token.generation;
        format!("generation {shown} was shown, {} is the present one since {since}{device}", session.generation)
    }
}

/// Checks both MACs and everything that the token says by itself. A key that was destroyed is known by its id alone; what
/// it signed has expired.
fn prove(
    sealed: &SealedRefresh<'_>,
    request: &RefreshRequest<'_>,
    keys: &TenantKeys,
    now: UnixMillis,
) -> Result<ProvedRefresh, Reject> {
    if keys.state_of(sealed.kid()) == Some(KeyState::Destroyed) {
        return Err(Reject::Expired);
    }
    let filtered = sealed.filter(request.channel.into(), &keys.ring, request.tenant, now)?;
    filtered.prove(keys.refresh_sealer(sealed.kid()).ok_or(Reject::UnknownKid)?)
}

/// The session behind a token, if it is held in this way and has not ended.
fn live(found: Option<RefreshFacts>, channel: Channel, now: UnixMillis) -> Result<RefreshFacts, Reject> {
    let facts = found.filter(|facts| facts.session.channel == channel).ok_or(Reject::Revoked)?;
    match facts.session.status(now) {
        Status::Live => Ok(facts),
        Status::Expired => Err(Reject::Expired),
        Status::Revoked => Err(Reject::Revoked),
    }
}
