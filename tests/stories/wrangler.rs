//! `wrangler dev` on the repository's own `wrangler.toml` and entry module: what a developer runs.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use sealgate_origin::clock::MovableClock;
use sealgate_shared::time::UnixMillis;
use sealgate_tests::browser::Browser;
use sealgate_tests::edge::{client, repository};
use sealgate_tests::origin::Origin;
use sealgate_tests::upstream::Upstream;
use sealgate_tests::wait::until;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

#[tokio::test]
async fn wrangler_dev_serves_the_edge_as_configured() {
    let folder = TempDir::new().unwrap();
    let clock = MovableClock::starting_at(system_time());
    let (origin, upstream) = (Origin::start(folder.path(), &clock).await, Upstream::start().await);
    let wrangler = Wrangler::start(&origin, &upstream).await;

    let browser = Browser::new(&wrangler.address, &wrangler.host);
    until("wrangler to serve", async || {
        let up = client().get(format!("{}/public", wrangler.address)).send().await;
        up.is_ok_and(|answer| answer.status() == 200).then_some(())
    })
    .await;
    assert_eq!(browser.clone().get("/").await.code(), "missing");
    assert_eq!(browser.clone().with_cookie("__Host-sg", "v1.a.b.c").get("/").await.code(), "malformed");

    let minted = origin.mint("ada").await;
    let mut signed_in = browser;
    signed_in.keep_session(&minted);
    assert_eq!(signed_in.get("/page").await.seen("x-sealgate-actor-id").as_deref(), Some("ada"));
    assert_eq!(signed_in.get("/auth/session").await.json()["session"]["actor_id"], "ada");
}

struct Wrangler {
    address: String,
    host: String,
    process: Child,
    config: PathBuf,
}

impl Wrangler {
    /// Runs `wrangler dev` on a copy of `wrangler.toml` in which only addresses differ.
    async fn start(origin: &Origin, upstream: &Upstream) -> Self {
        let port = free_port().await;
        let host = format!("127.0.0.1:{port}");
        let root = repository();
        let mut text = fs::read_to_string(root.join("wrangler.toml")).unwrap();
        for (from, to) in [
            ("http://127.0.0.1:8788", upstream.address()),
            ("http://127.0.0.1:8789", &origin.public()),
            ("http://127.0.0.1:8790", &origin.private()),
            ("127.0.0.1:8787", &host),
        ] {
            assert!(text.contains(from), "wrangler.toml no longer has {from}");
            text = text.replace(from, to);
        }
        // Beside the original, since paths in it are relative; ignored by git.
        let config = root.join(format!(".wrangler-test-{port}.toml"));
        fs::write(&config, text).unwrap();
        let tools = root.join("node_modules/.bin");
        let process = Command::new(tools.join("wrangler"))
            .args(["dev", "--ip=127.0.0.1", &format!("--port={port}"), "--inspector-port=0"])
            .arg(format!("--config={}", config.display()))
            .arg(format!("--var=SEALGATE_EDGE_SECRET:{}", origin.edge_secret()))
            .current_dir(&root)
            .env("PATH", std::env::join_paths(std::iter::once(tools).chain(path())).unwrap())
            .env("CI", "true")
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_WRITE_LOGS", "false")
            .env("WRANGLER_HIDE_BANNER", "true")
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .env("WRANGLER_REGISTRY_PATH", root.join(".wrangler/registry"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("wrangler is there after `make setup`");
        Self { address: format!("http://{host}"), host, process, config }
    }
}

impl Drop for Wrangler {
    fn drop(&mut self) {
        // wrangler has children of its own; they all are in its process group.
        if let Some(group) = self.process.id() {
            let killed = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status();
            killed.expect("kill is there");
        }
        fs::remove_file(&self.config).expect("the copy is still there");
    }
}

/// wrangler wants a port that it is told; between finding a free one and its taking it, another may.
async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

fn path() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect()
}

#[expect(clippy::disallowed_methods, reason = "the real entry module runs on the real clock, and so must its origin")]
fn system_time() -> UnixMillis {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    UnixMillis::new(u64::try_from(since_epoch.as_millis()).unwrap()).unwrap()
}
