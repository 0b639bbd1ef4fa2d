//! The limit for mints: single-row inserts, each committed by itself, without HTTP or anything to sign.
//!
//! Once into a plain table with the columns and indexes of `sessions`, and once into `sessions` itself, whose checks and
//! foreign keys cost something, too. In the origin's own database, over connections that are set as its own are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tokio::sync::Mutex;

use crate::database::Database;
use crate::origin;
use crate::row::{self, Row, Value};
use crate::subject::{Subject, Tally, Work};

const PLAIN: &str = "plain_sessions";

#[derive(Clone, Debug)]
pub(crate) struct Inserts {
    pool: Pool,
    sql: &'static str,
    row: Arc<Row>,
}

#[derive(Clone, Debug)]
enum Pool {
    /// One connection writes at a time.
    Sqlite(Arc<Mutex<SqliteConnection>>),
    Postgres(PgPool),
}

/// Makes the plain table. The origin has minted a session before.
pub(crate) async fn prepare(database: &Database, connections: usize) -> anyhow::Result<Vec<Subject>> {
    const ONE: &str = "select * from sessions limit 1";
    let (pool, row) = if database.url.starts_with("sqlite:") {
        let mut connection = open_sqlite(&database.url).await?;
        copy_on_sqlite(&mut connection).await?;
        let row = row::read_sqlite(&sqlx::query(ONE).fetch_one(&mut connection).await?)?;
        (Pool::Sqlite(Arc::new(Mutex::new(connection))), row)
    } else {
        let pool = PgPoolOptions::new().max_connections(u32::try_from(connections)?);
        let pool = pool.connect(&database.url).await?;
        sqlx::raw_sql(COPY_ON_POSTGRES).execute(&pool).await?;
        let row = row::read_postgres(&sqlx::query(ONE).fetch_one(&pool).await?)?;
        (Pool::Postgres(pool), row)
    };
    let row = Arc::new(row);
    let subject = |name: &str, table| Subject {
        name: name.to_owned(),
        database: Some(database.name.clone()),
        work: Work::Inserts(Inserts { pool: pool.clone(), sql: statement(table, &row), row: Arc::clone(&row) }),
        server: None,
        database_process: database.pid,
    };
    Ok(vec![subject("insert", PLAIN), subject("insert, constrained", "sessions")])
}

impl Inserts {
    /// Inserts until the time is over.
    pub(crate) async fn run(&self, clients: usize, length: Duration) -> anyhow::Result<Tally> {
        let end = Instant::now() + length;
        let clients: Vec<_> = (0..clients).map(|_| tokio::spawn(self.clone().insert_until(end))).collect();
        let mut tally = Tally::default();
        for client in clients {
            tally.done += client.await??;
        }
        Ok(tally)
    }

    async fn insert_until(self, end: Instant) -> Result<u64, sqlx::Error> {
        let mut done = 0;
        match &self.pool {
            Pool::Sqlite(connection) => {
                while Instant::now() < end {
                    insert!(self, &mut *connection.lock().await);
                    done += 1;
                }
            }
            // Kept until the end: sqlx asks for a sign of life whenever one goes back to the pool.
            Pool::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                while Instant::now() < end {
                    insert!(self, &mut *connection);
                    done += 1;
                }
            }
        }
        Ok(done)
    }
}

// The same for two types of query that no trait makes one.
macro_rules! insert {
    ($inserts:expr, $connection:expr) => {{
        let mut query = sqlx::query($inserts.sql);
        for (column, value) in $inserts.row.iter() {
            query = match (column.as_str(), value) {
                ("id", _) => query.bind(next_id()),
                ("actor_id", _) => query.bind(next_actor()),
                (_, Value::Text(text)) => query.bind(text),
                (_, Value::Integer(integer)) => query.bind(integer),
                (_, Value::Flag(flag)) => query.bind(flag),
                (_, Value::Bytes(bytes)) => query.bind(bytes),
                (_, Value::Time(time)) => query.bind(time),
            };
        }
        query.execute($connection).await?;
    }};
}
use insert;

fn statement(table: &str, row: &Row) -> &'static str {
    let columns: Vec<&str> = row.iter().map(|(name, _)| name.as_str()).collect();
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
    // Two of them, for as long as we run.
    format!("insert into {table} ({}) values ({})", columns.join(", "), places.join(", ")).leak()
}

/// Set as the origin's own.
async fn open_sqlite(url: &str) -> anyhow::Result<SqliteConnection> {
    Ok(url
        .parse::<SqliteConnectOptions>()?
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .pragma("secure_delete", "on")
        .disable_statement_logging()
        .connect()
        .await?)
}

/// With its indexes and its columns' types, without checks and foreign keys.
const COPY_ON_POSTGRES: &str = "create table plain_sessions (like sessions including defaults including indexes)";

/// The same; here the indexes have to be copied one by one.
async fn copy_on_sqlite(connection: &mut SqliteConnection) -> anyhow::Result<()> {
    const INDEXES: &str =
        "select sql from sqlite_master where type = 'index' and tbl_name = 'sessions' and sql is not null";
    let copies: Vec<String> = sqlx::query_scalar(INDEXES).fetch_all(&mut *connection).await?;
    let mut statements = vec![
        "create table plain_sessions as select * from sessions limit 0".to_owned(),
        "create unique index plain_key on plain_sessions (id)".to_owned(),
    ];
    for index in copies {
        let renamed = index.replacen("INDEX ", "INDEX plain_", 1).replacen(" on sessions ", " on plain_sessions ", 1);
        anyhow::ensure!(renamed.contains("plain_sessions"), "cannot copy {index}");
        statements.push(renamed);
    }
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// As long as the real ones and as scattered: the golden ratio's multiples never come twice.
fn next_id() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static STATE: AtomicU64 = AtomicU64::new(0);
    let mut bits = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    // The last characters would repeat; the first eleven are what an index compares.
    let characters = (0..22).map(|_| {
        let character = ALPHABET[usize::try_from(bits >> 58).unwrap_or_default()];
        bits = bits.rotate_left(6);
        char::from(character)
    });
    format!("ses-{}", characters.collect::<String>())
}

fn next_actor() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    origin::actor(NEXT.fetch_add(1, Ordering::Relaxed))
}
