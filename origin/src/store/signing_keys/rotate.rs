//! Rotating: active becomes retired, pending becomes active, and a new key is pending.

use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::{KeyState, NewKey, insert_pending, note, promote};
use crate::store::audit::AuditEvent;
use crate::store::engine::Transaction;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult, counters};

/// When a rotation is to happen.
#[derive(Clone, Copy, Debug, Default)]
pub struct RotateWhen {
    /// Only while this key is active: whoever waited for its time to come finds that another did the same.
    pub expected_active: Option<KeyId>,
    /// Only when the pending key has been published for so many milliseconds.
    pub published_for_ms: u64,
}

/// What came of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotateOutcome {
    Rotated(Rotation),
    /// The pending key is too young; nothing has changed.
    TooSoon {
        pending: KeyId,
        /// When it is old enough.
        ready_at: UnixMillis,
    },
    /// Another key than the one expected is active; nothing has changed.
    AlreadyRotated {
        active: KeyId,
    },
    NoTenant,
}

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Signed until now, verifies from now on.
    pub retired: KeyId,
    /// Signs from now on.
    pub active: KeyId,
    /// Will sign after the next rotation.
    pub pending: KeyId,
}

/// A tenant's active key.
#[derive(Clone, Debug)]
pub struct ActiveKey {
    pub tenant: TenantId,
    pub id: KeyId,
    pub activated_at: UnixMillis,
}

impl Store {
    /// Retires the active key, promotes the pending one and puts `next` in its place, all in one transaction.
    pub async fn rotate_keys(
        &self,
        tenant: &TenantId,
        next: &NewKey,
        when: RotateWhen,
        now: UnixMillis,
    ) -> StoreResult<RotateOutcome> {
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        let keys = read_pair(&mut transaction, tenant).await?;
        let find = |state| keys.iter().find(|(_, found, _)| found.0 == state);
        let (Some(active), Some(pending)) = (find(KeyState::Active), find(KeyState::Pending)) else {
            return Ok(RotateOutcome::NoTenant);
        };
        if when.expected_active.is_some_and(|expected| expected != active.0.0) {
            return Ok(RotateOutcome::AlreadyRotated { active: active.0.0 });
        }
        let ready_at = pending.2.0.plus(when.published_for_ms);
        if when.published_for_ms > 0 && now < ready_at {
            return Ok(RotateOutcome::TooSoon { pending: pending.0.0, ready_at });
        }
        let rotation = Rotation { retired: active.0.0, active: pending.0.0, pending: next.id };
        retire(&mut transaction, rotation.retired, now).await?;
        promote(&mut transaction, rotation.active, now).await?;
        insert_pending(&mut transaction, tenant, next, now).await?;
        let Rotation { retired, active, pending } = rotation;
        let detail = format!("{active} signs in the place of {retired}, {pending} is next");
        note(&mut transaction, tenant, AuditEvent::KeyRotated, &detail, now).await?;
        transaction.commit().await?;
        Ok(RotateOutcome::Rotated(rotation))
    }

    /// The active keys of the tenants that are not disabled, those activated at `before` or earlier.
    pub async fn keys_active_since(&self, before: UnixMillis) -> StoreResult<Vec<ActiveKey>> {
        const SQL: &str = "select signing_keys.tenant, signing_keys.id, signing_keys.activated_at \
            from signing_keys join tenants on tenants.id = signing_keys.tenant \
            where signing_keys.state = 'active' and signing_keys.activated_at <= $1 and tenants.disabled_at is null \
            order by signing_keys.activated_at";
        type Row = (Text<TenantId>, Text<KeyId>, Timestamp);
        let rows: Vec<Row> = self.read.fetch_all(SQL, &[&Timestamp(before)]).await?;
        let keys = rows.into_iter().map(|(tenant, id, activated_at)| ActiveKey {
            tenant: tenant.0,
            id: id.0,
            activated_at: activated_at.0,
        });
        Ok(keys.collect())
    }
}

/// The active and the pending key, and when each was made.
async fn read_pair(
    transaction: &mut Transaction,
    tenant: &TenantId,
) -> StoreResult<Vec<(Text<KeyId>, Text<KeyState>, Timestamp)>> {
    const SQL: &str =
        "select id, state, created_at from signing_keys where tenant = $1 and state in ('active', 'pending')";
    transaction.fetch_all(SQL, &[&tenant.as_str()]).await
}

async fn retire(transaction: &mut Transaction, key: KeyId, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "update signing_keys set state = 'retired', retired_at = $1 where id = $2";
    transaction.execute(SQL, &[&Timestamp(now), &Text(key)]).await.map(drop)
}
