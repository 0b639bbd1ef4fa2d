//! What the operator does with the accounts, at the machine itself.

use std::net::IpAddr;

use sealgate_shared::id::{ActorId, TenantId};

use super::places::name_network;
use crate::clock::milliseconds;
use crate::credential::{BadPassword, Password};
use crate::limit::QUIET;
use crate::office::{Office, OfficeError};
use crate::session::Actor;
use crate::store::{BreakGlassInForce, BreakGlassSummary, NewBreakGlass, Pass, RolesChange, Unlock};

/// An account, and the password that it is to have.
#[derive(Debug)]
pub struct SetBreakGlass<'a> {
    pub tenant: &'a TenantId,
    /// Who signs in by it; the name to type is the actor's id.
    pub actor: &'a Actor,
    pub password: Password,
    pub roles: RolesChange<'a>,
    /// `None`: as it is; 0 for a new account.
    pub assurance: Option<u8>,
}

/// What came of setting a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BreakGlassSet {
    Set(BreakGlassInForce),
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
        let set = self.store.set_break_glass(&new, self.clock.now()).await?;
        self.notice().await;
        Ok(set.map_or(BreakGlassSet::OtherType, BreakGlassSet::Set))
    }

    /// The accounts of one tenant, or of all, by name.
    pub async fn list_break_glass(&self, tenant: Option<&TenantId>) -> Result<Vec<BreakGlassSummary>, OfficeError> {
        Ok(self.store.list_break_glass(tenant, self.clock.now().minus(milliseconds(QUIET))).await?)
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
        let network = name_network(from);
        let pass = pass.as_deref().map(|lane| Pass { lane, network: &network });
        let unlock = Unlock { tenant, account, pass };
        Ok(self.store.unlock_break_glass(&unlock, self.clock.now()).await?)
    }
}
