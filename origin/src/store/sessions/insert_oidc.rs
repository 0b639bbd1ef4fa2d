//! Storing a session that an `OpenID` provider has vouched for, unless the provider has ended it meanwhile.

use std::iter;

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::insert::insert_into;
use crate::oidc::ProviderId;
use crate::session::{IdpLink, Session};
use crate::store::engine::{Bind, Statement, Transaction};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult, tenants};

/// The sign-in that the session came from.
#[derive(Clone, Copy, Debug)]
pub struct OidcSignIn<'a> {
    pub provider: &'a ProviderId,
    /// When the provider said so, by its clock.
    pub id_token_issued_at: UnixMillis,
}

/// What came of storing such a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OidcInsert {
    Stored,
    /// As of [`Store::insert_session`]: sign again.
    KeysChanged,
    /// The provider has ended its own session, or all of the person's, since it vouched for it.
    LoggedOut,
    /// The provider was removed, disabled, or given another issuer while the sign-in was under way.
    ProviderGone,
}

impl Store {
    /// Stores a session that a provider has vouched for. Between this and a logout one comes first: either the logout is
    /// seen here, or it finds the session.
    pub async fn insert_oidc_session(&self, session: &Session, sign_in: &OidcSignIn<'_>) -> StoreResult<OidcInsert> {
        let Some(idp) = &session.idp else { return Ok(OidcInsert::ProviderGone) };
        let mut transaction = self.write.begin().await?;
        if !hold_provider(&mut transaction, &session.tenant, sign_in.provider, &idp.issuer).await? {
            return Ok(OidcInsert::ProviderGone);
        }
        // A statement of its own, behind the lock: it sees what was committed while we waited.
        if is_logged_out(&mut transaction, &session.tenant, idp, sign_in.id_token_issued_at).await? {
            return Ok(OidcInsert::LoggedOut);
        }
        if insert_into(&mut transaction, iter::once(session)).await?.is_empty() {
            return Ok(OidcInsert::KeysChanged);
        }
        transaction.commit().await?;
        Ok(OidcInsert::Stored)
    }
}

/// Keeps logouts of the issuer waiting until the transaction ends; whether the provider is there, and enabled.
async fn hold_provider(
    transaction: &mut Transaction,
    tenant: &TenantId,
    provider: &ProviderId,
    issuer: &str,
) -> StoreResult<bool> {
    const PROVIDER: Statement = Statement {
        sqlite: "select id from oidc_providers where tenant = $1 and id = $2 and issuer = $3 and enabled = true",
        postgres: "select id from oidc_providers where tenant = $1 and id = $2 and issuer = $3 and enabled = true \
            for share",
    };
    tenants::hold(transaction, tenant).await?;
    let values: [&dyn Bind; 3] = [&tenant.as_str(), &provider.as_str(), &issuer];
    let found: Option<(String,)> = transaction.fetch_optional(PROVIDER, &values).await?;
    Ok(found.is_some())
}

/// Whether a logout has come that such a session would be ended by: of the provider's very session; or of everything of
/// the person, made no earlier than what vouches for this one.
async fn is_logged_out(
    transaction: &mut Transaction,
    tenant: &TenantId,
    idp: &IdpLink,
    issued_at: UnixMillis,
) -> StoreResult<bool> {
    const OF_SID: &str = "select jti from oidc_logouts where tenant = $1 and issuer = $2 and sid = $3 \
        and (subject is null or subject = $4) limit 1";
    const OF_SUBJECT: &str = "select jti from oidc_logouts where tenant = $1 and issuer = $2 and subject = $3 \
        and sid is null and issued_at >= $4 limit 1";
    if let Some(sid) = &idp.sid {
        let values: [&dyn Bind; 4] = [&tenant.as_str(), &idp.issuer, sid, &idp.subject];
        let found: Option<(String,)> = transaction.fetch_optional(OF_SID, &values).await?;
        if found.is_some() {
            return Ok(true);
        }
    }
    let values: [&dyn Bind; 4] = [&tenant.as_str(), &idp.issuer, &idp.subject, &Timestamp(issued_at)];
    let found: Option<(String,)> = transaction.fetch_optional(OF_SUBJECT, &values).await?;
    Ok(found.is_some())
}
