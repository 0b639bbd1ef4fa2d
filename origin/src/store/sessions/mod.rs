//! The table `sessions`.

mod end_several;
mod facts;
mod group;
mod insert;
mod insert_oidc;
mod limit;
mod list;
mod refresh;
mod relabel;
mod revoke;
mod row;

use sealgate_shared::id::{SessionId, TenantId};
use sqlx::types::Text;

pub(super) use end_several::end_several;
pub use facts::SessionFacts;
pub(super) use group::Group;
pub use insert_oidc::{OidcInsert, OidcSignIn};
pub use limit::LimitSessions;
pub use list::ListPage;
pub use refresh::{ActorFacts, RefreshFacts, SessionChange};
pub use relabel::RelabelSession;
pub(super) use revoke::end_sessions;
pub use revoke::{RevokeActor, RevokeOutcome};
pub(super) use row::RolesColumn;
use row::SessionRow;

use super::{Store, StoreResult};
use crate::session::Session;

impl Store {
    /// Finds a session of that tenant.
    pub async fn session(&self, tenant: &TenantId, id: SessionId) -> StoreResult<Option<Session>> {
        const SQL: &str =
            concat!("select ", row::columns!(), " from sessions where id = $1 and tenant = $2 and pre_login = false");
        let row: Option<SessionRow> = self.read.fetch_optional(SQL, &[&Text(id), &tenant.as_str()]).await?;
        Ok(row.map(Session::from))
    }

    /// The tenant of a session, for those who have no other: operators with an id in their hands.
    pub async fn tenant_of_session(&self, id: SessionId) -> StoreResult<Option<TenantId>> {
        const SQL: &str = "select tenant from sessions where id = $1 and pre_login = false";
        let row: Option<(Text<TenantId>,)> = self.read.fetch_optional(SQL, &[&Text(id)]).await?;
        Ok(row.map(|(tenant,)| tenant.0))
    }
}
