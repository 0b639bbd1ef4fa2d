//! What is put aside between the two halves of a sign-in, sealed.

use std::fmt;

use sealgate_shared::id::{ActorId, ActorType, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::office::{Office, OfficeError};
use crate::session::Actor;
use crate::vault::{MAX_SECRET, Place};

/// A sign-in under way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PutAside {
    pub(super) provider: String,
    /// Comes back in the ID token.
    pub(super) nonce: Zeroizing<String>,
    /// Shown to the token endpoint (RFC 7636).
    pub(super) code_verifier: Zeroizing<String>,
    /// The token endpoint wants to see it again.
    pub(super) redirect_uri: String,
    pub(super) return_to: String,
    pub(super) remember: bool,
    /// How long ago the person may have proved who they are, if a page wants to know, in seconds.
    pub(super) max_age_s: Option<u64>,
    /// Who is to sign in again.
    pub(super) again: Option<(ActorType, ActorId)>,
    pub(super) began_at_ms: u64,
}

impl PutAside {
    pub(super) fn new(provider: &str, began_at: UnixMillis) -> Self {
        Self {
            provider: provider.to_owned(),
            nonce: Zeroizing::default(),
            code_verifier: Zeroizing::default(),
            redirect_uri: String::new(),
            return_to: "/".to_owned(),
            remember: false,
            max_age_s: None,
            again: None,
            began_at_ms: began_at.as_u64(),
        }
    }

    pub(super) fn began_at(&self) -> UnixMillis {
        UnixMillis::new(self.began_at_ms).unwrap_or(UnixMillis::EPOCH)
    }

    /// Whether it must be this one, and is not.
    pub(super) fn excludes(&self, actor: &Actor) -> bool {
        self.again.as_ref().is_some_and(|(kind, id)| (kind, id) != (&actor.kind, &actor.id))
    }

    fn write(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("a few texts and numbers can be written"))
    }
}

impl Office {
    pub(super) fn seal_aside(
        &self,
        tenant: &TenantId,
        id: SessionId,
        aside: &PutAside,
    ) -> Result<Vec<u8>, OfficeError> {
        let mut bytes = aside.write();
        if bytes.len() > MAX_SECRET {
            // Two kilobytes of path take up to twice as much when they are written. Better to sign in than to get there.
            bytes = PutAside { return_to: "/".to_owned(), ..aside.clone() }.write();
        }
        let row = id.to_string();
        Ok(self.vault.seal_bytes(&place(tenant, &row), &bytes)?)
    }

    pub(super) fn open_aside(&self, tenant: &TenantId, id: SessionId, sealed: &[u8]) -> Option<PutAside> {
        let row = id.to_string();
        let opened = self.vault.open_bytes(&place(tenant, &row), sealed).inspect_err(|error| {
            tracing::error!(%error, "a sign-in under way cannot be opened");
        });
        serde_json::from_slice(&opened.ok()?).ok()
    }
}

fn place<'a>(tenant: &'a TenantId, row: &'a str) -> Place<'a> {
    Place { table: "sessions", column: "login_sealed", row, tenant: Some(tenant.as_str()) }
}

impl fmt::Debug for PutAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutAside").field("provider", &self.provider).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_secrets_do_not_show() {
        let mut aside = PutAside::new("example", UnixMillis::EPOCH);
        aside.nonce = Zeroizing::new("hunter2".to_owned());
        aside.code_verifier = Zeroizing::new("hunter2".to_owned());
        let shown = format!("{aside:?}");
        assert!(shown.contains("example") && !shown.contains("hunter2"), "{shown}");
    }
}
