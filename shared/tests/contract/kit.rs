//! What the tests share: two tenants, a key for each, claims, and a way through all the checks.

use proptest::collection::vec;
use proptest::prelude::*;
use sealgate_shared::claims::Claims;
use sealgate_shared::id::{KeyId, Roles, SessionId, TenantId};
use sealgate_shared::key::SigningKey;
use sealgate_shared::keyring::{Keyring, PublishedKey};
use sealgate_shared::reject::Reject;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{RevocationAnswer, Sealed, TokenKind, Verified};

pub(crate) const MAX_LIFETIME_MS: u64 = 15 * 60 * 1_000;
pub(crate) const ACTOR: &str = "018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f";

pub(crate) fn now() -> UnixMillis {
    UnixMillis::new(1_800_000_000_000).unwrap()
}

pub(crate) fn demo() -> TenantId {
    "demo".parse().unwrap()
}

pub(crate) fn acme() -> TenantId {
    "acme".parse().unwrap()
}

pub(crate) fn key(number: u8, tenant: &TenantId) -> SigningKey {
    SigningKey::new(KeyId::new([number; 8]), tenant.clone(), Secret32::new([number; 32]))
}

pub(crate) fn demo_key() -> SigningKey {
    key(1, &demo())
}

pub(crate) fn acme_key() -> SigningKey {
    key(2, &acme())
}

/// A key of the demo tenant, of which every token is dead.
pub(crate) fn retired_key() -> SigningKey {
    key(3, &demo())
}

/// A key of the demo tenant that was revoked.
pub(crate) fn revoked_key() -> SigningKey {
    key(4, &demo())
}

pub(crate) fn published() -> Vec<PublishedKey> {
    let revoked = PublishedKey::revoked(revoked_key().id(), demo());
    vec![demo_key().publish(), acme_key().publish(), retired_key().publish_retired(), revoked]
}

/// A ring with the keys of both tenants, in every state.
pub(crate) fn ring() -> Keyring {
    Keyring::new(1, MAX_LIFETIME_MS, &published()).unwrap()
}

pub(crate) fn session(number: u8) -> SessionId {
    SessionId::new([number; 16])
}

pub(crate) fn claims() -> Claims {
    Claims {
        session: session(7),
        tenant: demo(),
        actor_type: "user".parse().unwrap(),
        actor_id: ACTOR.parse().unwrap(),
        issued_at: now(),
        expires_at: now().plus(MAX_LIFETIME_MS),
        authenticated_at: now().minus(60_000),
        generation: 0,
        assurance: 1,
        roles: Roles::default(),
    }
}

pub(crate) fn seal(claims: &Claims) -> String {
    seal_under(&demo_key(), claims)
}

pub(crate) fn seal_under(key: &SigningKey, claims: &Claims) -> String {
    key.access_sealer().seal(claims).unwrap()
}

/// Everything up to the revocation, for the demo tenant.
pub(crate) fn verify(token: &str, ring: &Keyring, now: UnixMillis) -> Result<Verified, Reject> {
    Ok(Sealed::parse(token)?.authenticate(TokenKind::Access, ring, &demo())?.verify(now)?)
}

pub(crate) fn live(session: SessionId) -> RevocationAnswer {
    RevocationAnswer::Live { session, age_ms: 3 }
}

prop_compose! {
    /// Any claims of the demo tenant that fit into a token and are good at `issued_at`.
    pub(crate) fn any_claims()(
        session in any::<[u8; 16]>(),
        actor_type in "[a-z][a-z0-9_-]{0,31}",
        actor_id in prop_oneof!["[!-~]{1,128}", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"],
        issued_at in 0..=UnixMillis::MAX.as_u64() - MAX_LIFETIME_MS,
        lifetime in 1..=MAX_LIFETIME_MS,
        authenticated_before in any::<u64>(),
        generation in any::<u32>(),
        assurance in any::<u8>(),
        roles in vec("[A-Za-z0-9._:-]{1,16}", 0..=Roles::MAX),
    ) -> Claims {
        let issued_at = UnixMillis::new(issued_at).unwrap();
        Claims {
            session: SessionId::new(session),
            tenant: demo(),
            actor_type: actor_type.parse().unwrap(),
            actor_id: actor_id.parse().unwrap(),
            issued_at,
            expires_at: issued_at.plus(lifetime),
            authenticated_at: issued_at.minus(authenticated_before),
            generation,
            assurance,
            roles: Roles::new(roles.iter().map(|role| role.parse().unwrap()).collect()).unwrap(),
        }
    }
}
