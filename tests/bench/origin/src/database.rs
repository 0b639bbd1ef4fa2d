//! The databases that are measured, as durable as anybody runs them.

use std::path::Path;

use anyhow::Context as _;
use sealgate_test_database::Postgres;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::process;

/// What makes a server for tests an ordinary one again: these are PostgreSQL's own defaults.
const DEFAULTS: [&str; 5] =
    ["fsync = on", "full_page_writes = on", "autovacuum = on", "shared_buffers = '128MB'", "io_method = worker"];

#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) name: String,
    /// Where the origin and the inserts work.
    pub(crate) url: String,
    /// Where better-auth has tables of its own.
    pub(crate) peer_url: String,
    /// The process that serves it, if it is not part of its clients.
    pub(crate) pid: Option<u32>,
    // Runs as long as this is held.
    _server: Option<Postgres>,
}

impl Database {
    pub(crate) async fn start(name: &str, folder: &Path) -> anyhow::Result<Self> {
        match name {
            "sqlite" => Ok(Self::in_files(folder)),
            "postgres" => Self::on_server().await,
            other => anyhow::bail!("{other} is neither sqlite nor postgres"),
        }
    }

    fn in_files(folder: &Path) -> Self {
        let url = |name| format!("sqlite:{}", folder.join(name).display());
        Self { name: "sqlite".to_owned(), url: url("origin.db"), peer_url: url("peer.db"), pid: None, _server: None }
    }

    async fn on_server() -> anyhow::Result<Self> {
        let mut server = Postgres::start();
        let mut admin = server.admin().await;
        for setting in DEFAULTS {
            sqlx::raw_sql(AssertSqlSafe(format!("alter system set {setting}"))).execute(&mut admin).await?;
        }
        admin.close().await?;
        server.stop();
        server.start_again();
        let url = server.create_database().await.url().to_owned();
        let peer_url = server.create_database().await.url().to_owned();
        let pid = Some(find_process(&url).await?);
        Ok(Self { name: "postgres".to_owned(), url, peer_url, pid, _server: Some(server) })
    }
}

/// The parent of the process that serves a connection.
async fn find_process(url: &str) -> anyhow::Result<u32> {
    let mut connection = PgConnection::connect(url).await?;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut connection).await?;
    process::parent(pid.try_into()?).context("it serves us")
}
