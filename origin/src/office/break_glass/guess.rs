//! A password is shown: right or wrong, for an account that is or is not, too early or in time, it is the same work.

use std::net::IpAddr;

use sealgate_shared::id::{ActorId, TenantId};
use sealgate_shared::time::UnixMillis;

use super::places::{lanes, name_network};
use crate::clock::milliseconds;
use crate::credential::Password;
use crate::limit::QUIET;
use crate::office::{Credentials, Issued, MintRequest, Office, OfficeError};
use crate::session::{Actor, Method, RevokedReason};
use crate::store::{AuditEntry, AuditEvent, BreakGlassRow, CountedGuess, KnockFrom, RightGuess};

/// What somebody shows who wants to get in.
pub struct Guess<'a> {
    pub tenant: &'a TenantId,
    /// The name of the account as it was typed.
    pub account: &'a str,
    pub password: Password,
    /// Where it comes from, if that is known.
    pub client: Option<IpAddr>,
    pub user_agent: Option<&'a str>,
    /// What the browser holds of sessions, which end when it gets another.
    pub cookies: &'a str,
    /// Whether it is written down when it fails; else it is only counted.
    pub is_noted: bool,
}

/// What came of it.
#[derive(Debug)]
pub enum Guessed {
    /// The tenant has no accounts: there is no such sign-in.
    Off,
    /// More are being looked at than there is room for. This one was not looked at, nor counted.
    Busy,
    /// Nobody outside is told why.
    Refused(GuessRefusal),
    SignedIn(Box<Issued>),
}

/// Why a guess came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuessRefusal {
    Unknown,
    Wrong,
    /// There were too many before it.
    Early,
}

impl GuessRefusal {
    pub const ALL: [Self; 3] = [Self::Unknown, Self::Wrong, Self::Early];

    /// The word in metrics, and in what is written down.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Wrong => "wrong",
            Self::Early => "early",
        }
    }
}

impl Office {
    /// Whether operators of the tenant can sign in by a password.
    pub async fn break_glass_is_on(&self, tenant: &TenantId) -> Result<bool, OfficeError> {
        Ok(self.store.break_glass_is_on(tenant).await?)
    }

    /// Looks at a password that somebody shows, and signs them in if it is the right one.
    ///
    /// It is counted as a failure first, so that of many that are shown at once no more are looked at than the lanes allow;
    /// and uncounted when it was right.
    pub async fn guess(&self, guess: Guess<'_>) -> Result<Guessed, OfficeError> {
        let (tenant, now) = (guess.tenant, self.clock.now());
        let typed: Option<ActorId> = guess.account.parse().ok();
        let network = match guess.client {
            Some(address) => Some(self.network_place(tenant, address).await?),
            None => None,
        };
        let pass = network.zip(typed.as_ref()).map(|(network, typed)| network.pass(typed));
        let lane = network.map(|network| network.lane().name);
        let from = lane.as_deref().map(|lane| KnockFrom { lane, pass: pass.as_deref() });
        let knock = self.store.knock(tenant, typed.as_ref(), from, now.minus(milliseconds(QUIET))).await?;
        if !knock.is_on {
            return Ok(Guessed::Off);
        }
        let Some(place) = self.hasher.queue(knock.is_let_through) else { return Ok(Guessed::Busy) };
        let counted = self.store.count_guess(tenant, lanes(&knock, guess.account, network), now).await?;
        let written = knock.account.as_ref().filter(|_| counted.is_some()).map(|row| row.password_hash.clone());
        let is_right = self.hasher.is_password(place, guess.password.clone(), written).await?;
        let refusal = match (&knock.account, &counted) {
            (Some(account), Some(counted)) if is_right => {
                match self.sign_in_by_password(&guess, account, counted).await? {
                    Some(issued) => return Ok(Guessed::SignedIn(Box::new(issued))),
                    None => GuessRefusal::Wrong,
                }
            }
            (_, None) => GuessRefusal::Early,
            (None, Some(_)) => GuessRefusal::Unknown,
            (Some(_), Some(_)) => GuessRefusal::Wrong,
        };
        self.note_failure(&guess, knock.account.as_ref().map(|account| &account.actor), refusal).await?;
        Ok(Guessed::Refused(refusal))
    }

    /// How many passwords were hashed by this process: what guesses cost it.
    pub fn password_runs(&self) -> u64 {
        self.hasher.runs()
    }

    /// Makes the session; `None` when the password has been changed or removed meanwhile.
    async fn sign_in_by_password(
        &self,
        guess: &Guess<'_>,
        account: &BreakGlassRow,
        counted: &[CountedGuess],
    ) -> Result<Option<Issued>, OfficeError> {
        let BreakGlassRow { actor, password_hash, roles, assurance } = account;
        let request = MintRequest {
            user_agent: guess.user_agent.map(str::to_owned),
            ip: guess.client,
            assurance: Some(*assurance),
            roles: roles.clone(),
            ..MintRequest::new(guess.tenant.clone(), actor.clone(), Method::BreakGlass)
        };
        let issued = self.mint(&request).await?;
        let session = issued.session.id;
        // Only now: whoever changes the password from here on finds the session and ends it, and who did before is found out.
        let (tenant, detail) = (guess.tenant, self.kept_network(guess).map(|network| format!("from {network}")));
        let right = RightGuess { tenant, actor, password_hash, session, counted, detail: detail.as_deref() };
        if !self.store.settle_guess(&right, self.clock.now()).await? {
            self.revoke_session(tenant, session, RevokedReason::CredentialChange).await?;
            return Ok(None);
        }
        let network = name_network(guess.client);
        tracing::warn!(%tenant, account = %actor.id, %session, network, "an operator signed in by password: break-glass");
        if let Err(error) = self.end_held(guess, actor).await {
            tracing::warn!(%error, "could not end the sessions that a browser held before it got another");
        }
        Ok(Some(issued))
    }

    /// Ends what the browser held before: the cookies are gone.
    async fn end_held(&self, guess: &Guess<'_>, actor: &Actor) -> Result<(), OfficeError> {
        for held in self.held_sessions(guess.tenant, Credentials::Cookies(guess.cookies)).await? {
            let reason = if held.actor == *actor { RevokedReason::Rotation } else { RevokedReason::SignOut };
            self.revoke_session(guess.tenant, held.id, reason).await?;
        }
        Ok(())
    }

    /// The name that was typed is told only if it is an account's: people type passwords there.
    async fn note_failure(
        &self,
        guess: &Guess<'_>,
        known: Option<&Actor>,
        refusal: GuessRefusal,
    ) -> Result<(), OfficeError> {
        let (account, why) = (known.map_or("(unknown)", |actor| actor.id.as_str()), refusal.as_str());
        let network = name_network(guess.client);
        tracing::warn!(tenant = %guess.tenant, account, why, network, "a password for break-glass was refused");
        if !guess.is_noted {
            return Ok(());
        }
        let detail = self.kept_network(guess).map(|network| format!("{why}, from {network}"));
        let detail = Some(detail.as_deref().unwrap_or(why));
        let entry = AuditEntry::new(guess.tenant, AuditEvent::BreakGlassFailed);
        let now: UnixMillis = self.clock.now();
        Ok(self.store.note(&AuditEntry { actor: known, detail, ..entry }, now).await?)
    }

    /// Where a guess comes from, as far as that is written down: where addresses are kept.
    fn kept_network(&self, guess: &Guess<'_>) -> Option<String> {
        self.settings.keep.address(guess.client).map(|address| name_network(Some(address)))
    }
}
