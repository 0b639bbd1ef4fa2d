//! What tests rely on: databases are their own, and nothing of a server outlives whoever started it.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sealgate_test_database::{Database, Engine, Postgres, TestDatabase};
use sqlx::postgres::PgPool;
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

/// Generous: two cores may be building meanwhile.
const DEADLINE: Duration = Duration::from_mins(1);

#[test]
fn threads_that_ask_at_once_get_one_server() {
    let ports = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| Postgres::shared().port())).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(ports.iter().all(|port| *port == ports[0]), "{ports:?}");
}

#[tokio::test]
async fn databases_are_separate() {
    let (first, second) = (Postgres::shared().create_database().await, Postgres::shared().create_database().await);
    for database in [&first, &second] {
        write(database).await;
    }
    let stranger = first.url().replace(&format!("/{}", first.name()), &format!("/{}", second.name()));
    let stranger = stranger.replace(&format!("//{}:", second.name()), &format!("//{}:", first.name()));
    let refused = PgConnection::connect(&stranger).await.unwrap_err().to_string();
    assert!(refused.contains("permission denied for database"), "{refused}");
}

#[tokio::test]
async fn an_owner_is_no_superuser_and_a_password_is_asked_for() {
    let database = Postgres::shared().create_database().await;
    let mut connection = database.connect().await;
    let refused = sqlx::query("create role other").execute(&mut connection).await.unwrap_err().to_string();
    assert!(refused.contains("permission denied to create role"), "{refused}");
    let (scheme, rest) = database.url().split_once("://").unwrap();
    let (_, place) = rest.split_once('@').unwrap();
    let wrong = format!("{scheme}://{}:wrong@{place}", database.name());
    let refused = PgConnection::connect(&wrong).await.unwrap_err().to_string();
    assert!(refused.contains("password authentication failed"), "{refused}");
}

#[tokio::test]
async fn surroundings_do_not_matter() {
    let mut holder = Holder::start_with(&[("TZ", "Asia/Kathmandu"), ("LC_ALL", "tr_TR.UTF-8"), ("PGDATA", "/nowhere")]);
    let mut connection = PgConnection::connect(&holder.wait_for_url()).await.unwrap();
    for (setting, expected) in [
        ("TimeZone", "UTC"),
        ("log_timezone", "UTC"),
        ("lc_messages", "C"),
        ("lc_time", "C"),
        ("server_encoding", "UTF8"),
    ] {
        let found: String = sqlx::query_scalar("select reset_val from pg_settings where name = $1")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(found, expected, "{setting}");
    }
    let collation: String = sqlx::query_scalar("select datcollate from pg_database where datname = current_database()")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(collation, "C");
}

#[tokio::test]
async fn connections_can_be_cut() {
    let (cut, spared) = (Postgres::shared().create_database().await, Postgres::shared().create_database().await);
    let (mut first, mut second, mut other) = (cut.connect().await, cut.connect().await, spared.connect().await);
    assert_eq!(cut.disconnect_all().await, 2);
    assert!(first.ping().await.is_err());
    assert!(second.ping().await.is_err());
    other.ping().await.unwrap();
    cut.connect().await.ping().await.unwrap();
}

#[tokio::test]
async fn a_server_stops_and_crashes_and_keeps_what_was_committed() {
    let mut server = Postgres::start();
    let url = {
        let database = server.create_database().await;
        write(&database).await;
        database.url().to_owned()
    };
    let (port, folder) = (server.port(), server.folder().to_owned());

    server.stop();
    assert!(PgConnection::connect(&url).await.is_err());
    server.start_again();
    let pool = PgPool::connect(&url).await.unwrap();
    add(&pool).await;

    server.crash();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    server.start_again();
    assert_eq!(server.port(), port);
    let count: i64 = sqlx::query_scalar("select count(*) from notes").fetch_one(&pool).await.unwrap();
    assert_eq!(count, 2);

    drop(server);
    assert!(!is_listening(port));
    assert!(!folder.exists());
}

#[tokio::test]
async fn both_engines_have_an_address() {
    for engine in Engine::ALL {
        let database = TestDatabase::create(engine).await;
        assert_eq!(database.engine(), engine);
        let scheme = if engine == Engine::Sqlite { "sqlite:" } else { "postgres://" };
        assert!(database.url().starts_with(scheme), "{}", database.url());
        assert_eq!(database.folder().is_some(), engine == Engine::Sqlite);
        assert_eq!(database.postgres().is_some(), engine == Engine::Postgres);
    }
}

#[test]
fn a_server_dies_with_a_process_that_is_killed() {
    let mut holder = Holder::start();
    let port = holder.wait_for_port();
    holder.process.kill().unwrap();
    holder.process.wait().unwrap();
    holder.assert_nothing_left(port);
}

#[test]
fn a_server_dies_with_a_process_that_ends() {
    let mut holder = Holder::start();
    let port = holder.wait_for_port();
    drop(holder.process.stdin.take());
    assert!(holder.process.wait().unwrap().success());
    holder.assert_nothing_left(port);
}

#[test]
fn nothing_is_left_of_a_server_that_was_being_set_up() {
    let mut holder = Holder::start();
    until("its folder", || holder.entries() == 1);
    holder.process.kill().unwrap();
    holder.process.wait().unwrap();
    until("its folder to be gone", || holder.entries() == 0);
}

/// Another process, with a server of its own in a temporary folder of its own.
struct Holder {
    process: Child,
    temporary: TempDir,
}

impl Holder {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(environment: &[(&str, &str)]) -> Self {
        let temporary = TempDir::new().unwrap();
        // The server's user has to get through to its folder.
        std::fs::set_permissions(temporary.path(), Permissions::from_mode(0o755)).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_database-for-tests"))
            .envs(environment.iter().copied())
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self { process, temporary }
    }

    /// The address of a database on the server, once it runs.
    fn wait_for_url(&mut self) -> String {
        let mut url = String::new();
        BufReader::new(self.process.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        url.trim_end().to_owned()
    }

    /// The server's port, once it runs.
    fn wait_for_port(&mut self) -> u16 {
        let url = self.wait_for_url();
        let (_, rest) = url.rsplit_once(':').unwrap();
        let port = rest.split_once('/').unwrap().0.parse().unwrap();
        assert!(is_listening(port));
        assert_eq!(self.entries(), 1);
        port
    }

    fn entries(&self) -> usize {
        std::fs::read_dir(self.temporary.path()).unwrap().count()
    }

    fn assert_nothing_left(&self, port: u16) {
        until("the port to be closed", || !is_listening(port));
        until("the folder to be gone", || self.entries() == 0);
    }
}

fn is_listening(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn until(what: &str, mut look: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !look() {
        assert!(begun.elapsed() < DEADLINE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

async fn write(database: &Database<'_>) {
    let mut connection = database.connect().await;
    for statement in ["create table notes (id bigint primary key)", "insert into notes values (1)"] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
}

async fn add(pool: &PgPool) {
    sqlx::query("insert into notes values (2)").execute(pool).await.unwrap();
}
