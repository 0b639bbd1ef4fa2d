//! The Worker, as it was built, in a workerd of its own.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use sealgate_shared::time::UnixMillis;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::wait::DEADLINE;

/// What the Worker is told.
#[derive(Clone, Debug)]
pub struct EdgeConfig {
    /// The variable `SEALGATE`.
    pub settings: Value,
    /// The variable `SEALGATE_EDGE_SECRET`.
    pub secret: String,
    /// The variable `SEALGATE_UPSTREAM_SECRETS`; empty for none.
    pub upstream_secrets: String,
}

/// A running Worker.
#[derive(Debug)]
pub struct Edge {
    address: String,
    log: Arc<Mutex<String>>,
    client: reqwest::Client,
    // The process ends with the story, and so does its folder.
    process: Child,
    _folder: TempDir,
}

impl Edge {
    /// Starts workerd on a port that the system chooses.
    pub async fn start(config: &EdgeConfig) -> Self {
        Self::start_build("build", config).await
    }

    /// Starts a Worker that was built into this folder.
    pub async fn start_build(build: &str, config: &EdgeConfig) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("config.capnp");
        fs::write(&file, capnp(build, config)).unwrap();
        let mut process = Command::new(repository().join("node_modules/.bin/workerd"))
            // The embedded files have absolute paths; the port is told on standard output.
            .args(["serve", "-I/", "--control-fd=1"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("workerd is there after `make setup`");
        let log = Arc::new(Mutex::new(String::new()));
        collect(process.stderr.take().unwrap(), &log);
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = tokio::time::timeout(DEADLINE, read_port(&mut output)).await.expect("workerd starts in time");
        let port = port.unwrap_or_else(|| panic!("workerd did not start: {}", log.lock().unwrap()));
        collect(output.into_inner(), &log);
        let client = client();
        Self { address: format!("http://127.0.0.1:{port}"), log, client, process, _folder: folder }
    }

    /// Its address: scheme, host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The memory that its process holds, in kB.
    pub fn memory_kb(&self) -> u64 {
        crate::process::memory_kb(&self.process)
    }

    /// All it has written so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Stops its clock at a moment.
    pub async fn set_clock(&self, now: UnixMillis) {
        self.control("/clock", now.to_string()).await;
    }

    /// How often it has taken in an answer of the origin.
    pub async fn absorbed(&self) -> u64 {
        self.control("/absorbed", String::new()).await.parse().unwrap()
    }

    /// Calls an export of its WebAssembly.
    pub async fn call(&self, name: &str, args: Value) -> String {
        self.control("/call", json!({ "name": name, "args": args }).to_string()).await
    }

    /// Calls exports of its WebAssembly one after the other, each given as `{"name": …, "args": […]}`.
    pub async fn call_all(&self, calls: &[Value]) -> Vec<String> {
        serde_json::from_str(&self.control("/calls", Value::from(calls).to_string()).await).unwrap()
    }

    async fn control(&self, path: &str, body: String) -> String {
        let request = self.client.post(format!("{}{path}", self.address)).header("host", "kit.invalid").body(body);
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {} {}", response.status(), self.log());
        response.text().await.unwrap()
    }
}

/// A client that follows no redirects and keeps no cookies: stories look at both.
pub fn client() -> reqwest::Client {
    sealgate_origin::outbound::install_provider();
    // Nobody speaks TLS here, and reading whom the machine trusts takes longer than a story should.
    let builder = reqwest::Client::builder().tls_certs_only([]);
    builder.redirect(reqwest::redirect::Policy::none()).timeout(DEADLINE).build().unwrap()
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

async fn read_port(output: &mut Lines<BufReader<ChildStdout>>) -> Option<u64> {
    while let Some(line) = output.next_line().await.unwrap() {
        let event: Value = serde_json::from_str(&line).unwrap_or_default();
        if event["event"] == "listen" {
            return event["port"].as_u64();
        }
    }
    None
}

/// Keeps reading, since a process whose output nobody reads stops when the pipe is full.
fn collect(output: impl AsyncRead + Send + Unpin + 'static, log: &Arc<Mutex<String>>) {
    let log = Arc::clone(log);
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            writeln!(log.lock().unwrap(), "{line}").unwrap();
        }
    });
}

/// The configuration of workerd: the built Worker with the stories' entry module, and a network that ends at
/// this machine.
fn capnp(build: &str, config: &EdgeConfig) -> String {
    let root = repository();
    let module = |name: &str, kind: &str| {
        let file = root.join(name.replacen("build/", &format!("{build}/"), 1));
        assert!(file.exists(), "{} is missing: run `make edge`", file.display());
        format!("    (name = {name:?}, {kind} = embed {:?}),\n", file.display().to_string())
    };
    let modules = [
        module("tests/edge/entry.mjs", "esModule"),
        module("edge/door.mjs", "esModule"),
        module("edge/errands.mjs", "esModule"),
        module("edge/headers.mjs", "esModule"),
        module("build/index.js", "esModule"),
        module("build/index_bg.wasm", "wasm"),
    ]
    .concat();
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "loopback", network = (allow = ["127.0.0.0/8"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  modules = [
{modules}  ],
  compatibilityDate = "{}",
  bindings = [
    (name = "SEALGATE", json = {:?}),
    (name = "SEALGATE_EDGE_SECRET", text = {:?}),
    (name = "SEALGATE_UPSTREAM_SECRETS", text = {:?}),
  ],
  globalOutbound = "loopback",
);
"#,
        compatibility_date(&root),
        config.settings.to_string(),
        config.secret,
        config.upstream_secrets,
    )
}

/// The same as in production.
fn compatibility_date(root: &Path) -> String {
    let text = fs::read_to_string(root.join("wrangler.toml")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("compatibility_date = "));
    line.expect("wrangler.toml has a compatibility date").trim_matches('"').to_owned()
}
