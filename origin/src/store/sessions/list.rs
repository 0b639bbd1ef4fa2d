//! Listing the sessions of an actor, newest first, page by page.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::row::{SessionRow, columns};
use crate::session::{Actor, Cursor, Session};
use crate::store::engine::Bind;
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

/// One page of the sessions that also meet the condition: in the order of an index, which ends where the page does.
macro_rules! page_of {
    ($condition:literal) => {
        concat!(
            "select ",
            columns!(),
            " from sessions where tenant = $1 and actor_type = $2 and actor_id = $3 and pre_login = false \
             and (created_at, id) < ($4, $5) and ",
            $condition,
            " order by created_at desc, id desc limit $6"
        )
    };
}

const LIVE: &str = page_of!("revoked_at is null and idle_expires_at > $7");
/// Those that were revoked have an index of their own, so that they are not in the way of the others.
const ALL: &str = concat!(
    "select * from (select * from (",
    page_of!("revoked_at is null"),
    ") as standing union all select * from (",
    page_of!("revoked_at is not null"),
    ") as revoked) as sessions order by created_at desc, id desc limit $6"
);

impl Store {
    /// The actor's sessions that are live at `now`.
    pub async fn live_sessions(&self, page: &ListPage<'_>, now: UnixMillis) -> StoreResult<Vec<Session>> {
        let (created_at, id) = page.start();
        let values: [&dyn Bind; 7] = [
            &page.tenant.as_str(),
            &page.actor.kind.as_str(),
            &page.actor.id.as_str(),
            &created_at,
            &id,
            &i64::from(page.limit),
            &Timestamp(now),
        ];
        let rows: Vec<SessionRow> = self.read.fetch_all(LIVE, &values).await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    /// The actor's sessions, expired and revoked ones as well.
    pub async fn all_sessions(&self, page: &ListPage<'_>) -> StoreResult<Vec<Session>> {
        let (created_at, id) = page.start();
        let values: [&dyn Bind; 6] = [
            &page.tenant.as_str(),
            &page.actor.kind.as_str(),
            &page.actor.id.as_str(),
            &created_at,
            &id,
            &i64::from(page.limit),
        ];
        let rows: Vec<SessionRow> = self.read.fetch_all(ALL, &values).await?;
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
