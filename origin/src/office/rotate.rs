//! Rotating a tenant's signing keys.

use std::time::Duration;

use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::time::UnixMillis;

use super::tenant_keys::key_place;
use super::{Office, OfficeError};
use crate::clock::milliseconds;
use crate::random;
use crate::store::{NewKey, RotateOutcome, RotateWhen, Rotation};

/// How long a key has to be published before it signs: every edge must hold it, and they renew their rings once a
/// minute.
const PUBLISHED_FOR_MS: u64 = 2 * 60_000;

impl RotateWhen {
    /// Once every edge is sure to hold the pending key.
    pub const fn published() -> Self {
        Self { expected_active: None, published_for_ms: PUBLISHED_FOR_MS }
    }

    /// At once. An edge that lacks the key fetches its ring when it meets it; one that has just done so may refuse what
    /// the key signs for up to ten seconds.
    pub const fn at_once() -> Self {
        Self { expected_active: None, published_for_ms: 0 }
    }

    /// When a key that was made at `created_at` may be promoted.
    pub const fn ready_at(self, created_at: UnixMillis) -> UnixMillis {
        created_at.plus(self.published_for_ms)
    }

    /// Only as long as this key is active.
    #[must_use]
    pub const fn while_active(self, key: KeyId) -> Self {
        Self { expected_active: Some(key), ..self }
    }
}

impl Office {
    /// Active becomes retired, pending becomes active, and a new key is pending. Nobody is signed out: a
    /// retired key goes on verifying, and the new active one has been published since it was made.
    pub async fn rotate_keys(&self, tenant: &TenantId, when: RotateWhen) -> Result<RotateOutcome, OfficeError> {
        let next = self.draw_key(tenant)?;
        let outcome = self.store.rotate_keys(tenant, &next, when, self.clock.now()).await?;
        self.notice().await;
        Ok(outcome)
    }

    /// Rotates at once.
    pub async fn rotate(&self, tenant: &TenantId) -> Result<Rotation, OfficeError> {
        match self.rotate_keys(tenant, RotateWhen::at_once()).await? {
            RotateOutcome::Rotated(rotation) => Ok(rotation),
            RotateOutcome::TooSoon { .. } | RotateOutcome::AlreadyRotated { .. } | RotateOutcome::NoTenant => {
                Err(OfficeError::TenantNotFound(tenant.clone()))
            }
        }
    }

    /// Draws a signing key and seals it to its row.
    pub(super) fn draw_key(&self, tenant: &TenantId) -> Result<NewKey, OfficeError> {
        let id = random::draw_key_id()?;
        let sealed = self.vault.seal(&key_place(&id.to_string(), tenant), &random::draw_secret()?)?;
        Ok(NewKey { id, sealed })
    }
}

/// When the key is to be replaced: a `period` after it became active, up to a tenth more or less. How much is the
/// key's own, so that tenants made on one day don't rotate on one day, and every origin works out the same.
pub fn rotation_due(key: KeyId, activated_at: UnixMillis, period: Duration) -> UnixMillis {
    let period = milliseconds(period);
    let spread = period / 5;
    // Ids are random.
    let jitter = u64::from_be_bytes(*key.as_bytes()) % spread.max(1);
    activated_at.plus((period - spread / 2).saturating_add(jitter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_due_time_is_the_key_s_own_and_within_a_tenth() {
        const DAY: u64 = 86_400_000;
        let start = UnixMillis::new(1_780_315_200_000).unwrap();
        let due = |seed: u64| {
            let key = KeyId::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
            let due = rotation_due(key, start, Duration::from_millis(30 * DAY));
            assert_eq!(due, rotation_due(key, start, Duration::from_millis(30 * DAY)), "the same for everybody");
            due.since(start)
        };
        let dues: Vec<u64> = (1..1_000).map(due).collect();
        let (least, most) = (*dues.iter().min().unwrap(), *dues.iter().max().unwrap());
        assert!((27 * DAY..28 * DAY).contains(&least), "{least}");
        assert!((32 * DAY..33 * DAY).contains(&most), "{most}");
    }

    #[test]
    fn no_period_is_too_short_or_too_long_to_work_out() {
        let start = UnixMillis::new(0).unwrap();
        assert_eq!(rotation_due(KeyId::new([0xFF; 8]), start, Duration::from_millis(1)), start.plus(1));
        assert_eq!(rotation_due(KeyId::new([0xFF; 8]), start, Duration::MAX), UnixMillis::MAX);
    }
}
