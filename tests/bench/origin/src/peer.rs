//! better-auth, in a Node process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use crate::database::Database;
use crate::load::{self, Http};
use crate::process::{self, Process};
use crate::subject::{Subject, Tally, Work};

/// What it tells once it serves.
#[derive(Deserialize)]
struct Ready {
    port: u16,
    cookies: Vec<String>,
    cached_cookies: Vec<String>,
}

#[derive(Deserialize)]
struct Created {
    created: u64,
}

pub(crate) fn start(database: &Database, connections: usize) -> anyhow::Result<Vec<Subject>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../peers/better-auth.mjs");
    let mut command = process::command("node");
    command.args(["--no-warnings", script, &database.peer_url, &connections.to_string()]);
    let mut server = Process::start(command.env("NODE_ENV", "production").stdout(Stdio::piped()))?;
    let mut line = String::new();
    BufReader::new(server.take_output().context("it is piped")?).read_line(&mut line)?;
    let ready: Ready = serde_json::from_str(&line).context("it did not start")?;

    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ready.port));
    let ask = |requests: Vec<Vec<u8>>, contains| Http { address, requests: requests.into(), status: 200, contains };
    let get = |path: &str, cookies: &[String]| {
        let line = format!("GET {path}/get-session");
        let requests = cookies.iter().map(|cookies| load::request(&line, &format!("Cookie: {cookies}\r\n"), ""));
        Work::Http(ask(requests.collect(), "\"session\":{"))
    };
    let create = ask(vec![load::request("POST /create", "", "")], "\"token\":");
    let server = Rc::new(server);
    let subject = |name: &str, work| Subject {
        name: format!("better-auth {name}"),
        database: Some(database.name.clone()),
        work,
        server: Some(Rc::clone(&server)),
        database_process: database.pid,
    };
    Ok(vec![
        subject("get-session", get("/exact", &ready.cookies)),
        subject("get-session, cookie cache", get("/cached", &ready.cached_cookies)),
        subject("create", Work::Http(create.clone())),
        subject("create, in process", Work::InProcess(create)),
    ])
}

/// Has it create sessions by itself.
pub(crate) async fn create_in_process(http: &Http, clients: usize, length: Duration) -> anyhow::Result<Tally> {
    let line = format!("POST /create-many?clients={clients}&seconds={}", length.as_secs_f64());
    let body = load::ask(http, &load::request(&line, "", "")).await?;
    let created: Created = serde_json::from_slice(&body)?;
    Ok(Tally { done: created.created, ..Tally::default() })
}
