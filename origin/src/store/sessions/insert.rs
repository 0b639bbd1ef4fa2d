//! Storing a session that was just made.

use sqlx::types::Text;

use crate::session::Session;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// A session to be stored, with the version of the keyring it was signed under.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub session: &'a Session,
    pub keyring_version: u64,
}

impl Store {
    /// Stores a session, unless the keyring has moved on since it was signed: then the key may have been
    /// retired, and the caller signs again. One statement: no rotation can come in between.
    pub async fn insert_session(&self, new: &NewSession<'_>) -> StoreResult<bool> {
        const SQL: &str = "insert into sessions (id, tenant, actor_type, actor_id, generation, issued_at, \
            access_expires_at, signing_key, channel, idle_expires_at, absolute_expires_at, created_at, last_seen_at, \
            authenticated_at, remember, assurance, roles, fingerprint, device_name, label) \
            select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20 \
            where (select value from counters where name = 'keyring') = $21";
        let session = new.session;
        let inserted = sqlx::query(SQL)
            .bind(Text(session.id))
            .bind(session.tenant.as_str())
            .bind(session.actor.kind.as_str())
            .bind(session.actor.id.as_str())
            .bind(session.generation)
            .bind(Timestamp(session.issued_at))
            .bind(Timestamp(session.access_expires_at))
            .bind(Text(session.signing_key))
            .bind(session.channel.as_str())
            .bind(Timestamp(session.idle_expires_at))
            .bind(Timestamp(session.absolute_expires_at))
            .bind(Timestamp(session.created_at))
            .bind(Timestamp(session.last_seen_at))
            .bind(Timestamp(session.authenticated_at))
            .bind(session.remember)
            .bind(session.assurance)
            .bind(session.roles.to_string())
            .bind(session.fingerprint.as_ref().map(<[u8; 32]>::as_slice))
            .bind(session.device_name.as_deref())
            .bind(session.label.as_deref())
            .bind(i64::try_from(new.keyring_version).unwrap_or(i64::MAX))
            .execute(&self.write)
            .await;
        match inserted {
            Ok(done) => Ok(done.rows_affected() == 1),
            // The tenant, and its keys with it, was deleted a moment ago.
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
