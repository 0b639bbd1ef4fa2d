//! Inspecting a token: every step of its verification, and what its row says.

use std::iter;

use sealgate_shared::claims::Claims;
use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::reject::Reject;
use sealgate_shared::token::{Sealed, TokenKind};

use super::{Office, OfficeError};
use crate::session::{Session, Status};
use crate::store::KeyState;

const KEY: &str = "key";
/// The steps in the order they are made, each with the reasons it may refuse for.
const STEPS: [(&str, &[Reject]); 9] = [
    ("form", &[Reject::TooLong, Reject::Malformed, Reject::UnknownVersion]),
    (KEY, &[Reject::UnknownKid]),
    ("mac", &[Reject::BadMac]),
    ("claims", &[Reject::BadClaims]),
    ("tenant", &[Reject::WrongTenant]),
    ("lifetime", &[Reject::LifetimeTooLong]),
    ("issued-at", &[Reject::IssuedInFuture]),
    ("expiry", &[Reject::Expired]),
    ("revocation", &[Reject::Revoked]),
];

/// What one step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    Passed,
    Refused(Reject),
    /// An earlier step refused.
    NotReached,
}

/// What is known about a token.
#[derive(Debug, Default)]
pub struct Inspection {
    /// The key it says it was signed with.
    pub key: Option<KeyId>,
    pub key_state: Option<KeyState>,
    /// What it says; known only when its MAC holds.
    pub claims: Option<Claims>,
    pub session: Option<Session>,
    /// Why it would be refused now; `None` when it would be accepted.
    pub reject: Option<Reject>,
    /// Whether it is refused for what has become of its key, whatever else it says.
    refused_by_key: bool,
}

impl Inspection {
    /// The steps of the verification with what each found.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, Finding)> {
        let refused_at = self.reject.and_then(|reject| {
            STEPS.iter().position(
                |(step, reasons)| {
                    if self.refused_by_key { *step == KEY } else { reasons.contains(&reject) }
                },
            )
        });
        STEPS.iter().enumerate().map(move |(position, &(step, _))| {
            let finding = match (refused_at, self.reject) {
                (Some(at), Some(reject)) if at == position => Finding::Refused(reject),
                (Some(at), _) if at < position => Finding::NotReached,
                _ => Finding::Passed,
            };
            (step, finding)
        })
    }
}

impl Office {
    /// Verifies a token as an edge would for a request to `tenant`; without one, to the tenant of its key.
    pub async fn inspect(&self, token: &str, tenant: Option<&TenantId>) -> Result<Inspection, OfficeError> {
        let mut found = Inspection::default();
        let sealed = match Sealed::parse(token) {
            Ok(sealed) => sealed,
            Err(reject) => return Ok(Inspection { reject: Some(reject), ..found }),
        };
        found.key = Some(sealed.kid());
        let Some(owner) = self.store.tenant_of_key(sealed.kid()).await? else {
            return Ok(Inspection { reject: Some(Reject::UnknownKid), ..found });
        };
        let keys = self.keys(&owner).await?;
        found.key_state = keys.state_of(sealed.kid());
        let by_key = keys.ring.check_key(sealed.kid()).map_err(|reject| keys.explain(reject, iter::once(token)));
        found.refused_by_key = by_key.is_err();
        let authentic = sealed.authenticate(TokenKind::Access, &keys.ring, tenant.unwrap_or(&owner));
        // Asked about the wrong tenant, or when its time is long over, it still says whose it is.
        let shown = authentic.clone().or_else(|_| sealed.authenticate(TokenKind::Access, &keys.archive, &owner));
        found.claims = shown.ok().map(|token| token.claims().clone());
        if let Some(claims) = &found.claims {
            found.session = self.store.session(&owner, claims.session).await?;
        }
        let verified = authentic.and_then(|token| token.verify(self.clock.now()).map_err(Reject::from));
        let live = found.session.as_ref().is_some_and(|row| row.status(self.clock.now()) == Status::Live);
        found.reject = match by_key.and(verified) {
            Err(reject) => Some(reject),
            Ok(_) if !live => Some(Reject::Revoked),
            Ok(_) => None,
        };
        Ok(found)
    }
}
