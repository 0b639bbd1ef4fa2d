//! Back-channel logout: a provider says that somebody has signed out there.

use sealgate_shared::id::TenantId;

use super::{Office, OfficeError};
use crate::oidc::jws::{Jws, JwsFault};
use crate::oidc::logout_token::{self, LogoutFault, LogoutToken};
use crate::oidc::{Directory, DirectoryError, Provider};
use crate::store::{AuditEntry, AuditEvent, Logout, LogoutOutcome};

/// How long a logout is remembered at least: longer than a sign-in that began before it may take.
const REMEMBER_MS: u64 = 3_600_000;

/// Why a logout was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackChannelError {
    #[error("the token does not hold ({})", .0.label())]
    Refused(LogoutFault),
    /// The token cannot be judged: nobody's fault who sent it.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error(transparent)]
    Office(#[from] OfficeError),
}

impl Office {
    /// Carries out the logout that the token tells, in the name of that provider: also of one that is disabled, by which
    /// people may be signed in still.
    pub(crate) async fn back_channel_logout(
        &self,
        directory: &Directory,
        provider: &Provider,
        token: &str,
    ) -> Result<LogoutOutcome, BackChannelError> {
        let token = self.check_logout(directory, provider, token).await?;
        let now = self.clock.now();
        let logout = Logout {
            tenant: &provider.tenant,
            provider: &provider.id,
            issuer: provider.settings.issuer.as_str(),
            subject: token.subject.as_deref(),
            sid: token.sid.as_deref(),
            jti: &token.jti,
            issued_at: token.issued_at,
            expires_at: token.expires_at.max(now.plus(REMEMBER_MS)),
        };
        let outcome = self.store.end_by_logout(&logout, now).await.map_err(OfficeError::from)?;
        self.notice().await;
        Ok(outcome)
    }

    /// Writes down that a token came in the name of a provider that does not hold.
    pub(crate) async fn note_refused_logout(
        &self,
        tenant: &TenantId,
        provider: &Provider,
        fault: LogoutFault,
    ) -> Result<(), OfficeError> {
        let detail = format!("{} {}", provider.id, fault.label());
        let entry = AuditEntry { detail: Some(&detail), ..AuditEntry::new(tenant, AuditEvent::BackChannelRefused) };
        Ok(self.store.note(&entry, self.clock.now()).await?)
    }

    async fn check_logout(
        &self,
        directory: &Directory,
        provider: &Provider,
        text: &str,
    ) -> Result<LogoutToken, BackChannelError> {
        let token = logout_token::parse(text).map_err(BackChannelError::Refused)?;
        let settings = &provider.settings;
        let metadata = directory.metadata_with_key(&settings.issuer, token.kid()).await?;
        let checked = match logout_token::check(&token, metadata.jwks(), settings, self.clock.now()) {
            Err(fault) if may_be_newer(&token, fault) => {
                let metadata = directory.metadata_anew(&settings.issuer).await?;
                logout_token::check(&token, metadata.jwks(), settings, self.clock.now())
            }
            checked => checked,
        };
        checked.map_err(BackChannelError::Refused)
    }
}

/// Whether a key may have signed it that has come since the keys were read: it does not say which it was.
fn may_be_newer(token: &Jws<'_>, fault: LogoutFault) -> bool {
    token.kid().is_none() && matches!(fault, LogoutFault::Jws(JwsFault::KeyUnknown | JwsFault::Signature))
}
