//! Naming a session.

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::row::{SessionRow, columns};
use crate::session::{Actor, Session};
use crate::store::engine::Bind;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// What to call which session.
#[derive(Debug)]
pub struct RelabelSession<'a> {
    pub tenant: &'a TenantId,
    pub actor: &'a Actor,
    pub id: SessionId,
    /// Nothing, when absent.
    pub label: Option<&'a str>,
}

impl Store {
    /// Names a live session of that actor; `None` when it is not one.
    pub async fn relabel_session(&self, request: &RelabelSession<'_>, now: UnixMillis) -> StoreResult<Option<Session>> {
        const SQL: &str = concat!(
            "update sessions set label = $1 where id = $2 and tenant = $3 and actor_type = $4 and actor_id = $5 \
             and pre_login = false and revoked_at is null and idle_expires_at > $6 returning ",
            columns!()
        );
        let values: [&dyn Bind; 6] = [
            &request.label.map(str::to_owned),
            &Text(request.id),
            &request.tenant.as_str(),
            &request.actor.kind.as_str(),
            &request.actor.id.as_str(),
            &Timestamp(now),
        ];
        let row: Option<SessionRow> = self.write.fetch_optional(SQL, &values).await?;
        Ok(row.map(Session::from))
    }
}
