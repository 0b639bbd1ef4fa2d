//! What the browser held before.

use sealgate_shared::id::{SessionId, TenantId};

use crate::office::{Credentials, Office, OfficeError};
use crate::oidc::identity::Identity;
use crate::session::{Actor, Session};

/// The live sessions of a browser in which somebody signs in.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// One of the same person, which the new one takes the place of.
    own: Option<Session>,
    /// Those that end: a browser has one session, and the cookies of the others are gone.
    others: Vec<SessionId>,
    /// Whether one of them is somebody else's.
    is_shared: bool,
}

impl Held {
    pub(super) fn replaced(&self) -> Option<SessionId> {
        self.own.as_ref().map(|own| own.id)
    }

    pub(super) const fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// What the person calls the device.
    pub(super) fn label(&self) -> Option<String> {
        self.own.as_ref().and_then(|own| own.label.clone())
    }
}

impl Office {
    pub(super) async fn held_by(
        &self,
        tenant: &TenantId,
        credentials: Credentials<'_>,
        actor: &Actor,
    ) -> Result<Held, OfficeError> {
        let mut held = Held::default();
        for session in self.held_sessions(tenant, credentials).await? {
            if session.actor == *actor && held.own.is_none() {
                held.own = Some(session);
            } else {
                held.is_shared |= session.actor != *actor;
                held.others.push(session.id);
            }
        }
        Ok(held)
    }

    /// What is left to do when somebody is signed in. Failing at it takes nothing back.
    pub(super) async fn tidy_up(&self, tenant: &TenantId, held: &Held, identity: &Identity) {
        if let Err(error) = self.sign_out(tenant, &held.others).await {
            tracing::warn!(%error, "could not end the session that a browser had before");
        }
        let Some(name) = identity.name.as_deref() else { return };
        if let Err(error) = self.store.name_actor(tenant, &identity.actor, name, self.clock.now()).await {
            tracing::warn!(%error, "could not keep the name of an actor");
        }
    }
}
