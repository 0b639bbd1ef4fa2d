//! The ceiling: a server on the same libraries that does nothing.

use std::net::SocketAddr;
use std::rc::Rc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::load::{self, Http};
use crate::process::{self, Process};
use crate::subject::{Subject, Work};

/// What makes this program be that server; an address follows.
pub(crate) const ARGUMENT: &str = "hello";

/// Is that server, until somebody ends it.
pub(crate) fn serve() -> anyhow::Result<()> {
    let address: SocketAddr = std::env::args().nth(2).unwrap_or_default().parse()?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let routes = Router::new().route("/", get(async || "hello"));
        Ok(axum::serve(TcpListener::bind(address).await?, routes).await?)
    })
}

/// Starts it as a process of its own.
pub(crate) fn start() -> anyhow::Result<Subject> {
    let address = process::free_address()?;
    let mut command = process::command(std::env::current_exe()?);
    let server = Process::start(command.args([ARGUMENT, &address.to_string()]))?;
    process::wait_for(address)?;
    Ok(Subject {
        name: "axum hello".to_owned(),
        database: None,
        work: Work::Http(Http {
            address,
            requests: [load::request("GET /", "", "")].into(),
            status: 200,
            contains: "hello",
        }),
        server: Some(Rc::new(server)),
        database_process: None,
    })
}
