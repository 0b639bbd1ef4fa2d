//! Storing sessions that were just made.

use std::collections::HashSet;

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use serde_json::{Value, json};
use sqlx::types::Text;

use crate::iso8601;
use crate::session::{Actor, Method, Session};
use crate::store::engine::{Bind, Pool, Statement, Transaction};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// Makes the statement: the database's own words for the values of a new row, for the list of rows, for one value of
/// them, and for holding what is judged against changes.
///
/// The newest mark is looked up for each row, at the end of an index: there may be many marks, and few rows.
macro_rules! insert {
    ($values:literal, $rows:literal, $value:ident, $hold:literal) => {
        concat!(
            "insert into sessions (id, tenant, actor_type, actor_id, generation, issued_at, access_expires_at, \
             signing_key, channel, idle_expires_at, absolute_expires_at, created_at, last_seen_at, authenticated_at, \
             remember, assurance, roles, fingerprint, device_name, label, ip, user_agent, method, idp_issuer, \
             idp_subject, idp_sid) select ",
            $values,
            " from ",
            $rows,
            ", signing_keys, tenants where signing_keys.id = ",
            $value!("signing_key"),
            " and signing_keys.tenant = ",
            $value!("tenant"),
            " and signing_keys.state = 'active' and tenants.id = ",
            $value!("tenant"),
            " and tenants.disabled_at is null and coalesce((select max(issued_before) from revocations \
             where kind = 'tenant' and tenant = ",
            $value!("tenant"),
            ") <= ",
            $value!("issued_at"),
            ", true) and coalesce((select max(issued_before) from revocations where kind = 'actor' and tenant = ",
            $value!("tenant"),
            " and actor_type = ",
            $value!("actor_type"),
            " and actor_id = ",
            $value!("actor_id"),
            ") <= ",
            $value!("issued_at"),
            ", true)",
            $hold,
            " returning id"
        )
    };
}

macro_rules! value_in_sqlite {
    ($name:literal) => {
        concat!("(new.value ->> '", $name, "')")
    };
}

macro_rules! value_in_postgres {
    ($name:literal) => {
        concat!("new.", $name)
    };
}

const SQL: Statement = Statement {
    sqlite: insert!(
        "new.value ->> 'id', new.value ->> 'tenant', new.value ->> 'actor_type', new.value ->> 'actor_id', \
         new.value ->> 'generation', new.value ->> 'issued_at', new.value ->> 'access_expires_at', \
         new.value ->> 'signing_key', new.value ->> 'channel', new.value ->> 'idle_expires_at', \
         new.value ->> 'absolute_expires_at', new.value ->> 'created_at', new.value ->> 'last_seen_at', \
         new.value ->> 'authenticated_at', new.value ->> 'remember', new.value ->> 'assurance', \
         new.value ->> 'roles', unhex(substr(new.value ->> 'fingerprint', 3)), new.value ->> 'device_name', \
         new.value ->> 'label', new.value ->> 'ip', new.value ->> 'user_agent', new.value ->> 'method', \
         new.value ->> 'idp_issuer', new.value ->> 'idp_subject', new.value ->> 'idp_sid'",
        "json_each($1) as new",
        value_in_sqlite,
        ""
    ),
    postgres: insert!(
        "new.id, new.tenant, new.actor_type, new.actor_id, new.generation, new.issued_at, new.access_expires_at, \
         new.signing_key, new.channel, new.idle_expires_at, new.absolute_expires_at, new.created_at, \
         new.last_seen_at, new.authenticated_at, new.remember, new.assurance, new.roles, new.fingerprint, \
         new.device_name, new.label, new.ip, new.user_agent, new.method, new.idp_issuer, new.idp_subject, \
         new.idp_sid",
        "jsonb_to_recordset($1::jsonb) as new (id text, tenant text, actor_type text, actor_id text, \
         generation bigint, issued_at timestamptz, access_expires_at timestamptz, signing_key text, channel text, \
         idle_expires_at timestamptz, absolute_expires_at timestamptz, created_at timestamptz, \
         last_seen_at timestamptz, authenticated_at timestamptz, remember boolean, assurance bigint, roles text, \
         fingerprint bytea, device_name text, label text, ip text, user_agent text, method text, \
         idp_issuer text, idp_subject text, idp_sid text)",
        value_in_postgres,
        " for share of signing_keys, tenants"
    ),
};

impl Store {
    /// Stores a session, unless the key that signed it signs no longer, or a mark over its actor or tenant hits what was
    /// issued when it was: then the caller signs again. Nor is one stored for a tenant that was disabled or deleted.
    ///
    /// On `SQLite` nothing can come in between; on `PostgreSQL` the statement locks the two rows against changes, waits
    /// for a change under way, and then judges what came of it. Not so an actor's mark: one that is committed while this
    /// statement runs may hit the session, as if it had been made just before.
    pub async fn insert_session(&self, session: &Session) -> StoreResult<bool> {
        self.group.insert(session).await
    }

    /// The earliest moment at which a session of the actor may be issued: no mark hits what was issued then.
    pub async fn earliest_issue(&self, tenant: &TenantId, actor: &Actor) -> StoreResult<Option<UnixMillis>> {
        const SQL: &str = "select (select max(issued_before) from revocations where kind = 'tenant' and tenant = $1), \
            (select max(issued_before) from revocations \
            where kind = 'actor' and tenant = $1 and actor_type = $2 and actor_id = $3)";
        let values: [&dyn Bind; 3] = [&tenant.as_str(), &actor.kind.as_str(), &actor.id.as_str()];
        let (of_tenant, of_actor): (Option<Timestamp>, Option<Timestamp>) = self.read.fetch_one(SQL, &values).await?;
        Ok([of_tenant, of_actor].into_iter().flatten().map(|before| before.0).max())
    }
}

/// Stores sessions, all in one statement; which of them were. When one of them cannot be, none is.
pub(super) async fn insert_all(
    write: &Pool,
    sessions: impl Iterator<Item = &Session> + Send,
) -> StoreResult<HashSet<SessionId>> {
    let rows = Value::Array(sessions.map(describe).collect()).to_string();
    let stored: Vec<(Text<SessionId>,)> = write.fetch_all(SQL, &[&rows]).await?;
    Ok(stored.into_iter().map(|(id,)| id.0).collect())
}

/// As [`insert_all`], inside a transaction.
pub(super) async fn insert_into(
    transaction: &mut Transaction,
    sessions: impl Iterator<Item = &Session> + Send,
) -> StoreResult<HashSet<SessionId>> {
    let rows = Value::Array(sessions.map(describe).collect()).to_string();
    let stored: Vec<(Text<SessionId>,)> = transaction.fetch_all(SQL, &[&rows]).await?;
    Ok(stored.into_iter().map(|(id,)| id.0).collect())
}

/// The row, in a form that both databases can take apart.
fn describe(session: &Session) -> Value {
    json!({
        "id": session.id.to_string(),
        "tenant": session.tenant.as_str(),
        "actor_type": session.actor.kind.as_str(),
        "actor_id": session.actor.id.as_str(),
        "generation": session.generation,
        "issued_at": iso8601::format(session.issued_at),
        "access_expires_at": iso8601::format(session.access_expires_at),
        "signing_key": session.signing_key.to_string(),
        "channel": session.channel.as_str(),
        "idle_expires_at": iso8601::format(session.idle_expires_at),
        "absolute_expires_at": iso8601::format(session.absolute_expires_at),
        "created_at": iso8601::format(session.created_at),
        "last_seen_at": iso8601::format(session.last_seen_at),
        "authenticated_at": iso8601::format(session.authenticated_at),
        "remember": session.remember,
        "assurance": session.assurance,
        "roles": session.roles.to_string(),
        "fingerprint": session.fingerprint.map(write_bytes),
        "device_name": session.device_name,
        "label": session.label,
        "ip": session.ip,
        "user_agent": session.user_agent,
        "method": session.method.map(Method::as_str),
        "idp_issuer": session.idp.as_ref().map(|idp| &idp.issuer),
        "idp_subject": session.idp.as_ref().map(|idp| &idp.subject),
        "idp_sid": session.idp.as_ref().and_then(|idp| idp.sid.as_ref()),
    })
}

/// Bytes as `PostgreSQL` writes them: two hexadecimal digits for each, behind `\x`.
fn write_bytes(bytes: [u8; 32]) -> String {
    format!("\\x{}", hex::encode(bytes))
}
