//! Where a test's origin keeps its data, and the back door to it.

use sealgate_origin::config::Config;
use sealgate_test_database::{Engine, TestDatabase};
use sqlx::error::{BoxDynError, ErrorKind};
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteTypeInfo, SqliteValueRef};
use sqlx::types::time::OffsetDateTime;
use sqlx::{AssertSqlSafe, Decode, FromRow, Postgres, Sqlite, Type};

/// The engine of tests that do not say: `api_on_postgres` is the stories of `api` over again.
pub(crate) fn usual_engine() -> Engine {
    if env!("CARGO_CRATE_NAME").ends_with("on_postgres") { Engine::Postgres } else { Engine::Sqlite }
}

/// Gives the configuration a database of its own; what is answered is to be held as long as it is used.
pub(crate) async fn give_database(config: &mut Config, engine: Engine) -> Option<TestDatabase> {
    if engine == Engine::Sqlite {
        // The file in the data folder that it names already.
        return None;
    }
    let database = TestDatabase::create(engine).await;
    config.database = database.url().parse().unwrap();
    // Enough for a test, and few enough for as many tests at once as there are cores.
    config.server.connections = 6;
    Some(database)
}

/// The database by the back door: statements in words that both engines understand.
#[derive(Clone, Debug)]
pub(crate) enum Backdoor {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A row that either engine can answer.
pub(crate) trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A time in a column, as the origin writes times.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) String);

/// What the database had against a statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    Unique,
    ForeignKey,
    Check,
    Other(String),
}

impl Backdoor {
    pub(crate) async fn open(config: &Config) -> Self {
        if let Some(file) = config.database.file() {
            let options = SqliteConnectOptions::new().filename(file);
            return Self::Sqlite(SqlitePoolOptions::new().max_connections(2).connect_with(options).await.unwrap());
        }
        let sealgate_origin::store::Location::Postgres(options) = &config.database else { unreachable!() };
        Self::Postgres(PgPoolOptions::new().max_connections(2).connect_with((**options).clone()).await.unwrap())
    }

    /// Runs a statement; how many rows it touched.
    pub(crate) async fn execute(&self, sql: &str) -> Result<u64, Objection> {
        let query = AssertSqlSafe(sql.to_owned());
        let done = match self {
            Self::Sqlite(pool) => sqlx::query(query).execute(pool).await.map(|done| done.rows_affected()),
            Self::Postgres(pool) => sqlx::query(query).execute(pool).await.map(|done| done.rows_affected()),
        };
        done.map_err(Objection::from)
    }

    /// The rows that a statement answers.
    pub(crate) async fn rows<T: Row>(&self, sql: &str) -> Vec<T> {
        let query = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool) => sqlx::query_as(query).fetch_all(pool).await.unwrap(),
            Self::Postgres(pool) => sqlx::query_as(query).fetch_all(pool).await.unwrap(),
        }
    }

    /// The number that a statement answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.rows::<(i64,)>(sql).await[0].0
    }

    /// All that is stored: the bytes of the files, or every row of every table as text.
    pub(crate) async fn everything(&self) -> Vec<u8> {
        let tables = match self {
            Self::Sqlite(pool) => return read_files(pool),
            Self::Postgres(_) => "select table_name::text from information_schema.tables where table_schema = 'public'",
        };
        let mut stored = String::new();
        for (table,) in self.rows::<(String,)>(tables).await {
            let rows = self.rows::<(String,)>(&format!("select to_jsonb(row)::text from {table} as row")).await;
            stored.extend(rows.into_iter().map(|(row,)| row));
        }
        stored.into_bytes()
    }
}

fn read_files(pool: &SqlitePool) -> Vec<u8> {
    let options = pool.connect_options();
    let mut wal = options.get_filename().as_os_str().to_owned();
    wal.push("-wal");
    let mut bytes = std::fs::read(options.get_filename()).unwrap();
    bytes.extend(std::fs::read(wal).unwrap_or_default());
    bytes
}

impl From<sqlx::Error> for Objection {
    fn from(error: sqlx::Error) -> Self {
        let database = error.as_database_error();
        match database.map(sqlx::error::DatabaseError::kind) {
            Some(ErrorKind::UniqueViolation) => Self::Unique,
            Some(ErrorKind::ForeignKeyViolation) => Self::ForeignKey,
            Some(ErrorKind::CheckViolation) => Self::Check,
            // Both have a code of its own for `on delete restrict`.
            _ if database
                .is_some_and(|error| ["1811", "23001"].map(Into::into).contains(&error.code().unwrap_or_default())) =>
            {
                Self::ForeignKey
            }
            _ => Self::Other(error.to_string()),
        }
    }
}

impl Type<Sqlite> for Moment {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl<'r> Decode<'r, Sqlite> for Moment {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        <String as Decode<'r, Sqlite>>::decode(value).map(Self)
    }
}

impl Type<Postgres> for Moment {
    fn type_info() -> PgTypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Moment {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let time = <OffsetDateTime as Decode<'r, Postgres>>::decode(value)?;
        let (date, milliseconds) = (time.date(), time.millisecond());
        let (hour, minute, second) = time.to_hms();
        Ok(Self(format!("{date}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")))
    }
}
