//! Listing the sessions of an actor, newest first, page by page.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::row::{SessionRow, columns};
use crate::session::{Actor, Cursor, Session};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// Which part of the list to read.
#[derive(Debug)]
pub struct ListPage<'a> {
    pub tenant: &'a TenantId,
    pub actor: &'a Actor,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    pub limit: u32,
}

impl ListPage<'_> {
    /// Where to go on reading: the first page starts above everything that can be there.
    fn start(&self) -> (Timestamp, String) {
        match self.after {
            Some(Cursor { created_at, id }) => (Timestamp(created_at), id.to_string()),
            None => (Timestamp(UnixMillis::MAX), "~".to_owned()),
        }
    }
}

impl Store {
    /// The actor's sessions that are live at `now`.
    pub async fn live_sessions(&self, page: &ListPage<'_>, now: UnixMillis) -> StoreResult<Vec<Session>> {
        const SQL: &str = concat!(
            "select ",
            columns!(),
            " from sessions where tenant = $1 and actor_type = $2 and actor_id = $3 and pre_login = 0 \
             and (created_at, id) < ($4, $5) and revoked_at is null and idle_expires_at > $6 \
             order by created_at desc, id desc limit $7"
        );
        let (created_at, id) = page.start();
        let rows: Vec<SessionRow> = sqlx::query_as(SQL)
            .bind(page.tenant.as_str())
            .bind(page.actor.kind.as_str())
            .bind(page.actor.id.as_str())
            .bind(created_at)
            .bind(id)
            .bind(Timestamp(now))
            .bind(page.limit)
            .fetch_all(&self.read)
            .await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    /// The actor's sessions, expired and revoked ones as well.
    pub async fn all_sessions(&self, page: &ListPage<'_>) -> StoreResult<Vec<Session>> {
        const SQL: &str = concat!(
            "select ",
            columns!(),
            " from sessions where tenant = $1 and actor_type = $2 and actor_id = $3 and pre_login = 0 \
             and (created_at, id) < ($4, $5) order by created_at desc, id desc limit $6"
        );
        let (created_at, id) = page.start();
        let rows: Vec<SessionRow> = sqlx::query_as(SQL)
            .bind(page.tenant.as_str())
            .bind(page.actor.kind.as_str())
            .bind(page.actor.id.as_str())
            .bind(created_at)
            .bind(id)
            .bind(page.limit)
            .fetch_all(&self.read)
            .await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_sort_below_the_start_of_the_first_page() {
        assert!("ses-zzzzzzzzzzzzzzzzzzzzzz" < "~");
    }
}
