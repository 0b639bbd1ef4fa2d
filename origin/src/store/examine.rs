//! What a doctor asks of a database.

use sealgate_shared::time::UnixMillis;

use super::engine::Pool;
use super::timestamp::Timestamp;
use super::{Store, StoreResult, migrate};

impl Store {
    /// Tables, indexes and triggers that the migrations made and that are not there any more, such as `table audit`.
    pub async fn find_missing(&self) -> StoreResult<Vec<String>> {
        let there: Vec<(String,)> = self.read.fetch_all(migrate::NAMES, &[]).await?;
        let mut missing = migrate::list_made().await?;
        for (name,) in there {
            missing.remove(&name);
        }
        Ok(missing.into_iter().collect())
    }

    /// What `SQLite` finds wrong with the file; nothing when it is sound. A server looks after its own files.
    pub async fn find_damage(&self) -> StoreResult<Vec<String>> {
        const SQL: &str = "pragma quick_check(10)";
        if matches!(self.read, Pool::Postgres(_)) {
            return Ok(Vec::new());
        }
        let found: Vec<(String,)> = self.read.fetch_all(SQL, &[]).await?;
        Ok(found.into_iter().map(|(line,)| line).filter(|line| line != "ok").collect())
    }

    /// Takes the write lock and lets it go, nothing written.
    pub async fn try_write_lock(&self) -> StoreResult<()> {
        self.write.begin().await?.rollback().await
    }

    /// The newest time at which anything was made: no clock that is right is before it.
    pub async fn newest_time(&self) -> StoreResult<Option<UnixMillis>> {
        const SQL: &str = "select max(at) from (select max(created_at) as at from sessions \
            union all select max(created_at) from signing_keys union all select max(created_at) from revocations) \
            as newest";
        let (newest,): (Option<Timestamp>,) = self.read.fetch_one(SQL, &[]).await?;
        Ok(newest.map(|at| at.0))
    }
}
