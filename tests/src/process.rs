//! The origin as operators run it: the `sealgate` binary, as processes that can be killed.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use reqwest::{Client, Method, RequestBuilder};
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::secret::Secret32;
use sealgate_test_database::TestDatabase;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::wait::within;

/// One installation: a data folder, a database, and two addresses. It stays while processes come and go.
#[derive(Debug)]
pub struct Installation {
    folder: TempDir,
    database: TestDatabase,
    public: SocketAddr,
    private: SocketAddr,
    client: Client,
}

/// A running `sealgate serve`; killed when it is dropped.
#[derive(Debug)]
pub struct Serving {
    process: Child,
}

impl Installation {
    /// A new one over an empty database.
    pub async fn new(database: TestDatabase) -> Self {
        let (public, private) = (free_address().await, free_address().await);
        let client = crate::edge::client();
        Self { folder: TempDir::new().unwrap(), database, public, private, client }
    }

    /// Its database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A command on it.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(binary());
        command
            .env_clear()
            .env("SEALGATE_MODE", "dev")
            .env("SEALGATE_DATA_DIR", self.folder.path())
            .env("SEALGATE_DATABASE_URL", self.database.url())
            .args(words.split(' '))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs a command that prints JSON. Panics when it fails.
    pub async fn json(&self, words: &str) -> Value {
        serde_json::from_str(&self.text(words).await).unwrap()
    }

    /// Runs a command; what it prints. Panics when it fails.
    pub async fn text(&self, words: &str) -> String {
        let output = within(words, self.command(words).output()).await.unwrap();
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Serves, always at the same addresses, and waits until it does.
    pub async fn serve(&self) -> Serving {
        let mut command = self.command("serve --access-lifetime 1h");
        command.arg(format!("--listen-public={}", self.public)).arg(format!("--listen-private={}", self.private));
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let listening = async {
            let mut seen = String::new();
            while let Some(line) = log.next_line().await.unwrap() {
                if line.contains("listening") {
                    return;
                }
                seen = seen + &line + "\n";
            }
            panic!("the origin did not start:\n{seen}");
        };
        within("the origin to start by itself", listening).await;
        // A process whose output nobody reads stops when the pipe is full. What it complains of is shown with whatever
        // becomes of the story.
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                if line.contains("WARN") || line.contains("ERROR") {
                    println!("origin: {line}");
                }
            }
        });
        Serving { process }
    }

    /// A request of the backend of the tenant `demo`.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.ask_as_nobody(method, path).bearer_auth(self.secret("service_token"))
    }

    /// A request to the private listener without a credential.
    pub fn ask_as_nobody(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.private))
    }

    /// A request of the edge `dev` on its own behalf.
    pub fn ask_as_edge(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("http://{}{path}", self.private));
        request.header("x-sealgate-edge", self.edge_credential())
    }

    /// A request of a browser at the site of the tenant `demo`, as the edge hands it on.
    pub fn ask_as_browser(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("http://{}{path}", self.public));
        request
            .header("x-sealgate-edge", self.edge_credential())
            .header("x-sealgate-tenant", "demo")
            .header("x-sealgate-host", "demo.test")
    }

    fn edge_credential(&self) -> String {
        let secret = Secret32::from_base64url(&self.secret("edge_secret")).expect("it is a secret");
        EdgeSecret::new(secret).credential(&"dev".parse().expect("it is an id"))
    }

    fn secret(&self, name: &str) -> String {
        // Made by the first start, and kept by the others.
        let text = fs::read_to_string(self.folder.path().join("dev.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()[name].as_str().unwrap().to_owned()
    }
}

impl Serving {
    /// The memory that it holds, in kB.
    pub fn memory_kb(&self) -> u64 {
        memory_kb(&self.process)
    }

    /// Kills it without a warning, as the kernel does when memory runs out.
    pub async fn kill(mut self) {
        assert!(self.process.try_wait().unwrap().is_none(), "the origin ended by itself");
        self.process.kill().await.unwrap();
    }
}

/// The memory that a process holds, in kB.
pub(crate) fn memory_kb(process: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id().expect("it runs"))).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel tells");
    line.trim_end_matches("kB").trim().parse().unwrap()
}

/// What cargo builds beside these tests, in the folder above theirs.
fn binary() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.parent().and_then(Path::parent).unwrap().join("sealgate");
    assert!(binary.exists(), "{} is missing: run `cargo build -p sealgate-origin`", binary.display());
    binary
}

/// An address that stays ours while nobody listens: its port is below those that systems give to outgoing
/// connections, which are in use one after the other here.
async fn free_address() -> SocketAddr {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    loop {
        let port = 16_384 + u16::try_from(RandomState::new().build_hasher().finish() % 16_384).expect("it is less");
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
            return listener.local_addr().unwrap();
        }
    }
}
