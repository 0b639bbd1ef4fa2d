//! The migrations, carried inside the binary.

use std::borrow::Cow;
use std::path::Path;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{ConnectOptions as _, Connection as _, SqlSafeStr as _, SqliteConnection};

use super::{StoreError, StoreResult};

/// Number, name, text. New ones go to the end; one that has been released never changes.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "tenants_and_keys", include_str!("../../../migrations/sqlite/0001_tenants_and_keys.sql")),
    (2, "sessions", include_str!("../../../migrations/sqlite/0002_sessions.sql")),
    (3, "credentials", include_str!("../../../migrations/sqlite/0003_credentials.sql")),
];

/// Applies what has not been applied yet. The caller holds the start lock.
pub(super) async fn run(pool: &SqlitePool) -> StoreResult<()> {
    let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    migrator.run(pool).await.map_err(|error| StoreError::Unavailable(error.into()))
}

/// Number and name of every migration that this binary carries.
pub fn known_migrations() -> impl Iterator<Item = (i64, &'static str)> {
    MIGRATIONS.iter().map(|&(version, name, _)| (version, name))
}

/// The numbers of the migrations that the database at `path` has seen. Nothing is made or changed: no file
/// there, or one without our tables, has seen none.
pub async fn applied_migrations(path: &Path) -> StoreResult<Vec<i64>> {
    const SQL: &str = "select version from _sqlx_migrations where success order by version";
    if !path.exists() {
        return Ok(Vec::new());
    }
    let options = SqliteConnectOptions::new().filename(path).pragma("query_only", "on");
    let mut connection = options.connect().await?;
    let versions = if has_history(&mut connection).await? {
        sqlx::query_scalar(SQL).fetch_all(&mut connection).await?
    } else {
        Vec::new()
    };
    connection.close().await?;
    Ok(versions)
}

async fn has_history(connection: &mut SqliteConnection) -> StoreResult<bool> {
    const SQL: &str = "select 1 from sqlite_master where type = 'table' and name = '_sqlx_migrations'";
    let found: Option<i64> = sqlx::query_scalar(SQL).fetch_optional(connection).await?;
    Ok(found.is_some())
}

/// The number of the newest migration that this binary knows.
pub(super) fn latest_version() -> Option<i64> {
    MIGRATIONS.last().map(|&(version, ..)| version)
}

/// The number of the newest migration that the database has seen.
pub(super) async fn read_latest(pool: &SqlitePool) -> StoreResult<Option<i64>> {
    const SQL: &str = "select max(version) from _sqlx_migrations where success";
    Ok(sqlx::query_scalar(SQL).fetch_one(pool).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_file_is_carried_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite");
        let mut files: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let carried: Vec<String> =
            MIGRATIONS.iter().map(|(version, name, _)| format!("{version:04}_{name}.sql")).collect();
        assert_eq!(carried, files);
    }
}
