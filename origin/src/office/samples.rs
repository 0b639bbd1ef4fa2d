//! Sample tokens for the demonstration: one that holds, and others that show how refusals look.

use sealgate_shared::claims::Claims;
use sealgate_shared::id::TenantId;

use super::refresh::claims_of;
use super::{MintRequest, Office, OfficeError};
use crate::dev;
use crate::session::{Actor, Channel, Method, Session};

/// Access tokens to try out. Made in development only.
pub struct Samples {
    pub good: String,
    /// The good one with its last character but one replaced.
    pub bent: String,
    pub expired: String,
    pub other_tenant: String,
}

impl Office {
    /// Makes samples for a tenant. The good one belongs to a real session; the others need none.
    pub async fn make_samples(&self, tenant: &TenantId) -> Result<Samples, OfficeError> {
        let request = MintRequest {
            label: Some("sample".to_owned()),
            assurance: Some(1),
            ..MintRequest::new(
                tenant.clone(),
                Actor { kind: dev::word("user"), id: dev::word("sample") },
                Method::Command,
            )
        };
        let good = self.mint(&request).await?;
        Ok(Samples {
            bent: bend(&good.access_token),
            expired: self.seal_expired(tenant, &good.session).await?,
            other_tenant: self.seal_for_another(tenant, &good.session).await?,
            good: good.access_token,
        })
    }

    async fn seal_expired(&self, tenant: &TenantId, like: &Session) -> Result<String, OfficeError> {
        let mut claims = claims_of(like);
        let lifetime = claims.expires_at.since(claims.issued_at);
        claims.expires_at = claims.issued_at.minus(60_000);
        claims.issued_at = claims.expires_at.minus(lifetime);
        claims.authenticated_at = claims.issued_at;
        self.seal_sample(tenant, &claims).await
    }

    async fn seal_for_another(&self, tenant: &TenantId, like: &Session) -> Result<String, OfficeError> {
        let other = dev::TENANTS.into_iter().map(dev::word::<TenantId>).find(|other| other != tenant);
        let other = other.ok_or(OfficeError::Broken("the demonstration has a single tenant"))?;
        let mut claims = claims_of(like);
        claims.tenant = other.clone();
        self.seal_sample(&other, &claims).await
    }

    async fn seal_sample(&self, tenant: &TenantId, claims: &Claims) -> Result<String, OfficeError> {
        let keys = self.keys(tenant).await?;
        let sealed = keys.signer(keys.active).map(|signer| signer.access(Channel::Cookie).seal(claims));
        sealed.and_then(Result::ok).ok_or(OfficeError::Broken("a sample that cannot be signed"))
    }
}

/// Bends one character of the MAC. Not the last: its lowest bits are unused, and the result could be
/// another spelling rather than another MAC.
fn bend(token: &str) -> String {
    let mut bytes = token.as_bytes().to_vec();
    if let Some(byte) = bytes.iter_mut().rev().nth(1) {
        *byte = if *byte == b'A' { b'B' } else { b'A' };
    }
    String::from_utf8(bytes).expect("one ASCII character took another's place")
}
