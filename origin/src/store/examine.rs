//! What a doctor asks of a database.

use sealgate_shared::time::UnixMillis;

use super::timestamp::Timestamp;
use super::{Store, StoreResult};

impl Store {
    /// What `SQLite` finds wrong with the file; nothing when it is sound.
    pub async fn find_damage(&self) -> StoreResult<Vec<String>> {
        const SQL: &str = "pragma quick_check(10)";
        let mut found: Vec<String> = sqlx::query_scalar(SQL).fetch_all(&self.read).await?;
        found.retain(|line| line != "ok");
        Ok(found)
    }

    /// Takes the write lock and lets it go, nothing written.
    pub async fn try_write_lock(&self) -> StoreResult<()> {
        Ok(self.begin().await?.rollback().await?)
    }

    /// The newest time at which anything was made: no clock that is right is before it.
    pub async fn newest_time(&self) -> StoreResult<Option<UnixMillis>> {
        const SQL: &str = "select max(at) from (select max(created_at) as at from sessions \
            union all select max(created_at) from signing_keys union all select max(created_at) from revocations)";
        let newest: Option<Timestamp> = sqlx::query_scalar(SQL).fetch_one(&self.read).await?;
        Ok(newest.map(|at| at.0))
    }
}
