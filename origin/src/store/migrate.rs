//! The migrations, carried inside the binary.

use std::borrow::Cow;
use std::collections::BTreeSet;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqlSafeStr as _, SqliteConnection};

use super::engine::{Pool, Statement};
use super::{Location, StoreError, StoreResult};

/// One step of the schema's history, in the words of each database.
struct Step {
    number: i64,
    name: &'static str,
    text: Statement,
}

/// A step from the files of its name.
macro_rules! step {
    ($number:literal, $name:literal, $file:literal) => {
        Step {
            number: $number,
            name: $name,
            text: Statement {
                sqlite: include_str!(concat!("../../../migrations/sqlite/", $file)),
                postgres: include_str!(concat!("../../../migrations/postgres/", $file)),
            },
        }
    };
}

/// New ones go to the end; one that has been released never changes.
const STEPS: &[Step] = &[
    step!(1, "tenants_and_keys", "0001_tenants_and_keys.sql"),
    step!(2, "sessions", "0002_sessions.sql"),
    step!(3, "credentials", "0003_credentials.sql"),
    step!(4, "key_life", "0004_key_life.sql"),
    step!(5, "tenant_life", "0005_tenant_life.sql"),
    step!(6, "revocation_marks", "0006_revocation_marks.sql"),
    step!(7, "session_indexes", "0007_session_indexes.sql"),
    step!(8, "mark_indexes", "0008_mark_indexes.sql"),
    step!(9, "refresh", "0009_refresh.sql"),
    step!(10, "sign_in", "0010_sign_in.sql"),
    step!(11, "oidc_providers", "0011_oidc_providers.sql"),
    step!(12, "pre_login", "0012_pre_login.sql"),
    step!(13, "break_glass", "0013_break_glass.sql"),
    step!(14, "audit_chain", "0014_audit_chain.sql"),
    step!(15, "session_issuer", "0015_session_issuer.sql"),
];

/// Whether the database has a history at all.
const HAS_HISTORY: Statement = Statement {
    sqlite: "select name from sqlite_master where type = 'table' and name = '_sqlx_migrations'",
    postgres: "select 'table' where to_regclass('_sqlx_migrations') is not null",
};
/// Tables, indexes and triggers, each with its kind before its name.
pub(super) const NAMES: Statement = Statement {
    sqlite: "select type || ' ' || name from sqlite_master \
        where type in ('table', 'index', 'trigger') and name not like 'sqlite%'",
    postgres: "select 'table ' || tablename from pg_tables where schemaname = current_schema() \
        union all select 'index ' || indexname from pg_indexes where schemaname = current_schema() \
        union all select 'trigger ' || tgname from pg_trigger join pg_class on pg_class.oid = tgrelid \
        where not tgisinternal and tgenabled <> 'D' and relnamespace = current_schema()::regnamespace",
};
const HISTORY: &str = "select version from _sqlx_migrations where success order by version";

/// Applies what has not been applied yet. The caller holds the start lock.
pub(super) async fn run(pool: &Pool) -> StoreResult<()> {
    let done = match pool {
        Pool::Sqlite(pool) => migrator(|text| text.sqlite).run(pool).await,
        Pool::Postgres(pool) => migrator(|text| text.postgres).run(pool).await,
    };
    done.map_err(|error| StoreError::Unavailable(error.into()))
}

fn migrator(choose: fn(&Statement) -> &'static str) -> Migrator {
    let migrations = STEPS.iter().map(|step| {
        let sql = choose(&step.text).into_sql_str();
        Migration::new(step.number, Cow::Borrowed(step.name), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// What the migrations make, as [`NAMES`] names it: the same in both databases, so it is found out by having them make it in
/// memory.
pub(super) async fn list_made() -> StoreResult<BTreeSet<String>> {
    let mut connection = SqliteConnectOptions::new().in_memory(true).connect().await?;
    let done = migrator(|text| text.sqlite).run(&mut connection).await;
    done.map_err(|error| StoreError::Unavailable(error.into()))?;
    let names: Vec<String> = sqlx::query_scalar(NAMES.sqlite).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(names.into_iter().collect())
}

/// Number and name of every migration that this binary carries.
pub fn known_migrations() -> impl Iterator<Item = (i64, &'static str)> {
    STEPS.iter().map(|step| (step.number, step.name))
}

/// The numbers of the migrations that the database has seen. Nothing is made or changed: no file there, or no
/// tables of ours, has seen none.
pub async fn applied_migrations(location: &Location) -> StoreResult<Vec<i64>> {
    match location {
        Location::Sqlite(path) if !path.exists() => Ok(Vec::new()),
        Location::Sqlite(path) => {
            let options = SqliteConnectOptions::new().filename(path).pragma("query_only", "on");
            let mut connection = options.connect().await?;
            let seen = read_file_history(&mut connection).await?;
            connection.close().await?;
            Ok(seen)
        }
        Location::Postgres(options) => {
            let mut connection = options.connect().await?;
            let seen = read_server_history(&mut connection).await?;
            connection.close().await?;
            Ok(seen)
        }
    }
}

async fn read_file_history(connection: &mut SqliteConnection) -> StoreResult<Vec<i64>> {
    if sqlx::query(HAS_HISTORY.sqlite).fetch_optional(&mut *connection).await?.is_none() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar(HISTORY).fetch_all(connection).await?)
}

async fn read_server_history(connection: &mut PgConnection) -> StoreResult<Vec<i64>> {
    if sqlx::query(HAS_HISTORY.postgres).fetch_optional(&mut *connection).await?.is_none() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar(HISTORY).fetch_all(connection).await?)
}

/// The number of the newest migration that this binary knows.
pub(super) fn latest_version() -> Option<i64> {
    STEPS.last().map(|step| step.number)
}

/// The number of the newest migration that the database has seen.
pub(super) async fn read_latest(pool: &Pool) -> StoreResult<Option<i64>> {
    const SQL: &str = "select max(version) from _sqlx_migrations where success";
    let (version,): (Option<i64>,) = pool.fetch_one(SQL, &[]).await?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_file_is_carried_in_order_by_the_same_name_for_both() {
        for engine in ["sqlite", "postgres"] {
            let folder = format!("{}/../migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
            let files = std::fs::read_dir(folder).unwrap();
            let mut files: Vec<String> = files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            files.sort();
            let carried: Vec<String> =
                STEPS.iter().map(|step| format!("{:04}_{}.sql", step.number, step.name)).collect();
            assert_eq!(carried, files, "{engine}");
        }
    }
}
