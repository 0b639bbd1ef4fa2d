//! The table `sessions`.

mod insert;
mod list;
mod revoke;
mod row;

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

pub use insert::NewSession;
pub use list::ListPage;
pub use revoke::{RevokeActor, RevokeOutcome};
use row::SessionRow;

use super::timestamp::Timestamp;
use super::{Store, StoreResult};
use crate::session::Session;

/// What the row says when an edge asks about a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckAnswer {
    Live,
    /// Revoked, past its absolute expiry, of another tenant, or not there at all.
    Revoked,
}

impl Store {
    /// Finds a session of that tenant.
    pub async fn session(&self, tenant: &TenantId, id: SessionId) -> StoreResult<Option<Session>> {
        const SQL: &str =
            concat!("select ", row::columns!(), " from sessions where id = $1 and tenant = $2 and pre_login = 0");
        let row: Option<SessionRow> =
            sqlx::query_as(SQL).bind(Text(id)).bind(tenant.as_str()).fetch_optional(&self.read).await?;
        Ok(row.map(Session::from))
    }

    /// The tenant of a session, for those who have no other: operators with an id in their hands.
    pub async fn tenant_of_session(&self, id: SessionId) -> StoreResult<Option<TenantId>> {
        const SQL: &str = "select tenant from sessions where id = $1 and pre_login = 0";
        let tenant: Option<Text<TenantId>> = sqlx::query_scalar(SQL).bind(Text(id)).fetch_optional(&self.read).await?;
        Ok(tenant.map(|tenant| tenant.0))
    }

    /// Answers an edge's question from one indexed read.
    pub async fn check_session(&self, tenant: &TenantId, id: SessionId, now: UnixMillis) -> StoreResult<CheckAnswer> {
        const SQL: &str = "select 1 from sessions where id = $1 and tenant = $2 and pre_login = 0 \
            and revoked_at is null and absolute_expires_at > $3";
        let live: Option<i64> = sqlx::query_scalar(SQL)
            .bind(Text(id))
            .bind(tenant.as_str())
            .bind(Timestamp(now))
            .fetch_optional(&self.read)
            .await?;
        Ok(if live.is_some() { CheckAnswer::Live } else { CheckAnswer::Revoked })
    }
}
