//! What the operator does with the accounts, at the machine itself.

use std::net::IpAddr;

use sealgate_shared::id::{ActorId, Roles, TenantId};

use crate::credential::{BadPassword, Password};
use crate::office::{Office, OfficeError};
use crate::session::Actor;
use crate::store::{NewBreakGlass, Unlock};

/// An account, and the password that it is to have.
#[derive(Debug)]
pub struct SetBreakGlass<'a> {
    pub tenant: &'a TenantId,
    /// Who signs in by it; the name to type is the actor's id.
    pub actor: &'a Actor,
    pub password: Password,
    /// `None`: what is known of the actor.
    pub roles: Option<&'a Roles>,
    pub assurance: u8,
}

/// What came of setting a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakGlassSet {
    /// It is set, and so many sessions have ended.
    Set(usize),
    /// The account is an actor of another type.
    OtherType,
    Bad(BadPassword),
}

impl Office {
    /// Sets the password of an account, a new one or one that is there, and ends its actor's sessions.
    pub async fn set_break_glass(&self, set: SetBreakGlass<'_>) -> Result<BreakGlassSet, OfficeError> {
        let SetBreakGlass { tenant, actor, password, roles, assurance } = set;
        if let Err(bad) = password.check(actor.id.as_str()) {
            return Ok(BreakGlassSet::Bad(bad));
        }
        self.require_tenant(tenant).await?;
        let password_hash = self.hasher.hash(password).await?;
        let new = NewBreakGlass { tenant, actor, password_hash: &password_hash, roles, assurance };
        let ended = self.store.set_break_glass(&new, self.clock.now()).await?;
        self.notice().await;
        Ok(ended.map_or(BreakGlassSet::OtherType, |ended| BreakGlassSet::Set(ended.len())))
    }

    /// Removes an account, and ends its actor's sessions; how many. `None` when there is none.
    pub async fn remove_break_glass(
        &self,
        tenant: &TenantId,
        account: &ActorId,
    ) -> Result<Option<(Actor, usize)>, OfficeError> {
        let removed = self.store.remove_break_glass(tenant, account, self.clock.now()).await?;
        self.notice().await;
        Ok(removed.map(|(actor, ended)| (actor, ended.len())))
    }

    /// Forgets the guesses that keep the account's owner from getting in; from one address, they are for an hour not kept by
    /// those of others either. Whether there is such an account.
    pub async fn unlock_break_glass(
        &self,
        tenant: &TenantId,
        account: &ActorId,
        from: Option<IpAddr>,
    ) -> Result<bool, OfficeError> {
        let pass = match from {
            Some(address) => Some(self.network_place(tenant, address).await?.pass(account)),
            None => None,
        };
        let unlock = Unlock { tenant, account, pass: pass.as_deref() };
        Ok(self.store.unlock_break_glass(&unlock, self.clock.now()).await?)
    }
}
