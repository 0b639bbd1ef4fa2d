//! A PostgreSQL server for tests, and databases on it.

use std::path::Path;
use std::sync::OnceLock;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::leash::Leash;
use crate::programs;

/// How many ports are tried. Each is one of thousands, so a second one is rarely needed.
const ATTEMPTS: usize = 5;

/// A running server, on a port of the loopback address.
#[derive(Debug)]
pub struct Postgres {
    leash: Leash,
    port: u16,
    password: String,
}

impl Postgres {
    /// The server that all tests of this process share. The first call starts it, and blocks for a second; it ends with
    /// the process, however that ends.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server of one's own, for tests that stop it. Dropping it ends it and removes all that it kept.
    pub fn start() -> Self {
        Self::start_programs(&programs::folder())
    }

    fn start_programs(programs: &Path) -> Self {
        let password = random_name();
        let mut leash = Leash::new(programs, &password);
        let Some(port) = (0..ATTEMPTS).map(|_| random_port()).find(|port| leash.start(*port)) else {
            panic!("PostgreSQL did not start: {}", leash.log());
        };
        Self { leash, port, password }
    }

    /// Stops it as an administrator does: connections are told, and closed. Blocks until it has ended.
    pub fn stop(&mut self) {
        self.leash.end("stop");
    }

    /// Ends it in the middle of everything, as a crash would; what was committed is there again when it is started again.
    /// Blocks until it has ended.
    pub fn crash(&mut self) {
        self.leash.end("crash");
    }

    /// Starts it again, on the same port and with the same databases. Blocks until it answers.
    pub fn start_again(&mut self) {
        assert!(self.leash.start(self.port), "PostgreSQL did not start again: {}", self.leash.log());
    }

    /// The port of 127.0.0.1 that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it keeps everything; goes with it.
    pub fn folder(&self) -> &Path {
        self.leash.folder()
    }

    /// All it has written to its log.
    pub fn log(&self) -> String {
        self.leash.log()
    }

    /// The address of the database `postgres` for the superuser.
    pub fn admin_url(&self) -> String {
        self.url("postgres", &self.password, "postgres")
    }

    /// A connection of the superuser, to the database `postgres`.
    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.admin_url()).await.expect("the server runs")
    }

    /// A new, empty database, with an owner who may do nothing else.
    pub async fn create_database(&self) -> Database<'_> {
        let name = format!("test_{}", random_name());
        let password = random_name();
        let mut admin = self.admin().await;
        for statement in [
            format!("create role {name} login password '{password}'"),
            // A copy of the files takes a checkpoint, for which tests that run beside this one would wait.
            format!("create database {name} owner {name} template template0 strategy wal_log"),
            format!("revoke connect on database {name} from public"),
        ] {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await.expect("the superuser may");
        }
        admin.close().await.expect("the server runs");
        let url = self.url(&name, &password, &name);
        Database { server: self, name, url }
    }

    fn url(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }
}

/// A database on a [`Postgres`]. Stays there until the server ends: dropping it would take longer than that.
#[derive(Debug)]
pub struct Database<'a> {
    server: &'a Postgres,
    name: String,
    url: String,
}

impl Database<'_> {
    /// Its address: `postgres://user:password@127.0.0.1:port/name`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name, which is its owner's as well.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection of its owner, by the back door.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.expect("the server runs")
    }

    /// Cuts every connection to it, and tells how many there were.
    pub async fn disconnect_all(&self) -> usize {
        let mut admin = self.server.admin().await;
        let ended: Vec<bool> =
            sqlx::query_scalar("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1")
                .bind(&self.name)
                .fetch_all(&mut admin)
                .await
                .expect("the superuser may");
        admin.close().await.expect("the server runs");
        ended.len()
    }
}

fn random_name() -> String {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    hex::encode(bytes)
}

/// Below the ports that systems give to outgoing connections, so that nobody else comes by ours while the server is
/// stopped for a moment.
fn random_port() -> u16 {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    16_384 + u16::from_le_bytes(bytes) % 16_384
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn starts_from_a_folder_that_only_we_can_read() {
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o700)).unwrap();
        symlink(programs::folder(), home.path().join("native")).unwrap();
        let server = Postgres::start_programs(&home.path().join("native"));
        assert!(server.log().contains("ready to accept connections"));
    }

    #[test]
    #[should_panic(expected = "could not be set up")]
    fn says_why_it_cannot_be_set_up() {
        Postgres::start_programs(Path::new("/nowhere"));
    }

    #[test]
    fn takes_another_port_where_one_is_taken() {
        let first = Postgres::shared();
        let mut leash = Leash::new(&programs::folder(), "a password");
        assert!(!leash.start(first.port()));
        assert!(leash.log().contains("Address already in use"), "{}", leash.log());
        assert!(leash.start(random_port()));
    }
}
