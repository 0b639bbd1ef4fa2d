//! Storing a session that was just made.

use sqlx::types::Text;

use crate::session::Session;
use crate::store::engine::{Bind, Pool, Statement, Transaction};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

macro_rules! insert {
    () => {
        "insert into sessions (id, tenant, actor_type, actor_id, generation, issued_at, \
         access_expires_at, signing_key, channel, idle_expires_at, absolute_expires_at, created_at, last_seen_at, \
         authenticated_at, remember, assurance, roles, fingerprint, device_name, label) \
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20 \
         from signing_keys, tenants where signing_keys.id = $8 and signing_keys.tenant = $2 \
         and signing_keys.state = 'active' and tenants.id = $2 and tenants.disabled_at is null"
    };
}

const SQL: Statement = Statement { sqlite: insert!(), postgres: concat!(insert!(), " for share") };

/// The values of the statement, in its order. A macro, since they are borrowed from what is made here.
macro_rules! values {
    ($session:expr) => {
        [
            &Text($session.id) as &dyn Bind,
            &$session.tenant.as_str(),
            &$session.actor.kind.as_str(),
            &$session.actor.id.as_str(),
            &i64::from($session.generation),
            &Timestamp($session.issued_at),
            &Timestamp($session.access_expires_at),
            &Text($session.signing_key),
            &$session.channel.as_str(),
            &Timestamp($session.idle_expires_at),
            &Timestamp($session.absolute_expires_at),
            &Timestamp($session.created_at),
            &Timestamp($session.last_seen_at),
            &Timestamp($session.authenticated_at),
            &$session.remember,
            &i64::from($session.assurance),
            &$session.roles.to_string(),
            &$session.fingerprint.map(Vec::from),
            &$session.device_name,
            &$session.label,
        ]
    };
}

impl Store {
    /// Stores a session, unless the key that signed it signs no longer: then the caller signs again. Nor is one
    /// stored for a tenant that was disabled or deleted.
    ///
    /// One statement. On `SQLite` nothing can come in between; on `PostgreSQL` it locks the two rows against
    /// changes, waits for a change under way, and then judges what came of it.
    pub async fn insert_session(&self, session: &Session) -> StoreResult<bool> {
        self.group.insert(session).await
    }
}

/// Stores a session by itself.
pub(super) async fn insert_alone(write: &Pool, session: &Session) -> StoreResult<bool> {
    Ok(write.execute(SQL, &values!(session)).await? == 1)
}

/// Stores a session in a transaction.
pub(super) async fn insert_within(transaction: &mut Transaction, session: &Session) -> StoreResult<bool> {
    Ok(transaction.execute(SQL, &values!(session)).await? == 1)
}
