//! The origin, as `sealgate serve` runs it, and the requests that are measured.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use anyhow::Context as _;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::secret::Secret32;
use serde::Deserialize;

use crate::callback::{self, Callbacks};
use crate::database::Database;
use crate::load::{self, Http};
use crate::process::{self, Process};
use crate::refresh::Refreshes;
use crate::settings::Settings;
use crate::subject::{Subject, Work};

/// What every session is minted and refreshed with.
pub(crate) const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// How many sessions are checked, and how many actors get new ones.
const SESSIONS: usize = 1_000;

/// What `dev.json` holds.
#[derive(Deserialize)]
struct Secrets {
    edge_secret: String,
    service_token: String,
}

#[derive(Deserialize)]
struct Minted {
    session: Session,
}

#[derive(Deserialize)]
struct Session {
    id: String,
}

/// Starts it on the database, with tenants, an edge and a service token of its own making.
pub(crate) async fn start(settings: &Settings, database: &Database, folder: &Path) -> anyhow::Result<Vec<Subject>> {
    let folder = folder.join(format!("origin-{}", database.name));
    fs::create_dir(&folder)?;
    let (public, private) = (process::free_address()?, process::free_address()?);
    let callbacks = Callbacks::start(public)?;
    let file = folder.join("settings.toml");
    fs::write(&file, callbacks.settings())?;
    let mut command = command(settings, database, &folder, public, private);
    let (name, value) = callback::ENVIRONMENT;
    let server = Process::start(command.arg("--config").arg(file).env(name, value))?;
    process::wait_for(private)?;
    let secrets: Secrets = serde_json::from_slice(&fs::read(folder.join("dev.json"))?)?;
    let mints = mints(private, &secrets.service_token);
    let sessions = mint_all(&mints).await?;
    let edge = name_edge(&secrets.edge_secret)?;
    let checks = |exact| checks(private, &edge, &sessions, exact);
    let refreshes = Refreshes::prepare(&mints, edge.clone()).await?;
    let server = Rc::new(server);
    let subject = |name: &str, work| Subject {
        name: name.to_owned(),
        database: Some(database.name.clone()),
        work,
        server: Some(Rc::clone(&server)),
        database_process: database.pid,
    };
    Ok(vec![
        subject("sealgate mint", Work::Http(mints.clone())),
        subject("sealgate refresh", Work::Refreshes(refreshes)),
        subject("sealgate OIDC callback", Work::Callbacks(callbacks.behind(&edge))),
        subject("sealgate check", Work::Http(checks(false))),
        subject("sealgate check, exact", Work::Http(checks(true))),
    ])
}

/// The ports are chosen here: what the origin says about itself goes where nobody has to read it.
fn command(
    settings: &Settings,
    database: &Database,
    folder: &Path,
    public: SocketAddr,
    private: SocketAddr,
) -> Command {
    let mut command = process::command(&settings.origin);
    command
        .args(["serve", "--mode", "dev", "--log", &settings.log, "--database-url", &database.url])
        .args(["--refresh-window", "1s", "--sessions-per-actor", "10000"])
        .args(["--listen-public", &public.to_string(), "--listen-private", &private.to_string()])
        .arg("--data-dir")
        .arg(folder)
        .stderr(Stdio::null());
    command
}

fn mints(address: SocketAddr, token: &str) -> Http {
    let headers = format!("Authorization: Bearer {token}\r\n");
    let request = |actor| {
        let body = serde_json::json!({
            "tenant": "demo", "actor_type": "user", "actor_id": actor, "user_agent": BROWSER, "roles": ["editor"],
        });
        load::request("POST /v1/sessions", &headers, &body.to_string())
    };
    Http { address, requests: (0..SESSIONS).map(actor).map(request).collect(), status: 201, contains: "set_cookie" }
}

/// One of those who sign in.
pub(crate) fn actor(number: usize) -> String {
    format!("018f3c5e-7b1a-7c3d-9e4f-{:012x}", number % SESSIONS)
}

async fn mint_all(mints: &Http) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    for request in mints.requests.iter() {
        let minted: Minted = serde_json::from_slice(&load::ask(mints, request).await?)?;
        ids.push(minted.session.id);
    }
    Ok(ids)
}

/// The header that says which edge is asking.
fn name_edge(secret: &str) -> anyhow::Result<String> {
    let secret = EdgeSecret::new(Secret32::from_base64url(secret).context("the edge's secret")?);
    Ok(format!("X-Sealgate-Edge: {}\r\n", secret.credential(&"dev".parse()?)))
}

fn checks(address: SocketAddr, edge: &str, sessions: &[String], exact: bool) -> Http {
    let request = |session| {
        let mut body = serde_json::json!({ "tenant": "demo", "session": session });
        if exact {
            body["exact"] = true.into();
        }
        load::request("POST /internal/check", edge, &body.to_string())
    };
    let requests = sessions.iter().map(request).collect();
    Http { address, requests, status: 200, contains: "\"live\"" }
}
