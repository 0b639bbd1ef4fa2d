//! The whole of it: a browser's way through the edge to an application, and the origin behind.

use std::time::Duration;

use sealgate_origin::app::open_office;
use sealgate_origin::clock::{Clock, MovableClock};
use sealgate_origin::config::Config;
use sealgate_origin::office::Office;
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::{Engine, TestDatabase};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::Browser;
use crate::edge::{Edge, EdgeConfig};
use crate::origin::Origin;
use crate::upstream::Upstream;

/// Host names of the two tenants.
pub const DEMO: &str = "demo.test";
/// See [`DEMO`].
pub const OTHER: &str = "other.test";

/// What the application of `demo` checks assertions with: 32 bytes in base64url.
pub const UPSTREAM_SECRET: &str = "c2VjcmV0cyBvZiB0aGUgYXBwbGljYXRpb24hISEhISE";
/// That of `other`.
pub const OTHER_UPSTREAM_SECRET: &str = "dGhlIHNlY3JldCBvZiB0aGUgb3RoZXIgb25lISEhISE";

/// When most stories begin.
const START: UnixMillis = UnixMillis::new(1_800_000_000_000).expect("it is a time");

/// Origin, edge and application, with one clock.
#[derive(Debug)]
pub struct Stack {
    pub origin: Origin,
    pub edge: Edge,
    pub upstream: Upstream,
    clock: MovableClock,
    config: Config,
    told: EdgeConfig,
    _folder: TempDir,
    database: Option<TestDatabase>,
}

impl Stack {
    /// Starts all three.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts all three after a change to the edge's settings.
    pub async fn start_with(change: impl FnOnce(&mut Value)) -> Self {
        Self::start_build("build", change).await
    }

    /// Starts all three, with a Worker that was built into another folder.
    pub async fn start_build(build: &str, change: impl FnOnce(&mut Value)) -> Self {
        let folder = TempDir::new().unwrap();
        let config = Config::development(folder.path());
        Self::start_parts(build, change, config, folder, None, START).await
    }

    /// Starts all three at this time.
    pub async fn start_at(now: UnixMillis) -> Self {
        let folder = TempDir::new().unwrap();
        let config = Config::development(folder.path());
        Self::start_parts("build", |_| {}, config, folder, None, now).await
    }

    /// Starts all three over a database of this kind, after a change to the origin's settings.
    pub async fn start_on(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on_with(engine, change, |_| {}).await
    }

    /// Starts all three over a database of this kind, after a change to the origin's settings and one to the edge's.
    pub async fn start_on_with(
        engine: Engine,
        change_origin: impl FnOnce(&mut Config),
        change_edge: impl FnOnce(&mut Value),
    ) -> Self {
        let (folder, database) = (TempDir::new().unwrap(), TestDatabase::create(engine).await);
        let mut config = Config::development(folder.path());
        config.database = database.url().parse().expect("it is an address");
        change_origin(&mut config);
        Self::start_parts("build", change_edge, config, folder, Some(database), START).await
    }

    async fn start_parts(
        build: &str,
        change: impl FnOnce(&mut Value),
        config: Config,
        folder: TempDir,
        database: Option<TestDatabase>,
        now: UnixMillis,
    ) -> Self {
        let clock = MovableClock::starting_at(now);
        let origin = Origin::start_configured(&config, &clock).await;
        let upstream = Upstream::start().await;
        let mut settings = settings(&origin, &upstream);
        change(&mut settings);
        let upstream_secrets = upstream_secrets(&settings).to_string();
        let told = EdgeConfig { settings, secret: origin.edge_secret().to_owned(), upstream_secrets };
        let edge = Edge::start_build(build, &told).await;
        edge.set_clock(clock.now()).await;
        Self { origin, edge, upstream, clock, config, told, _folder: folder, database }
    }

    /// Another Worker that was told the same, with a memory of its own, at the time that it is now.
    pub async fn another_edge(&self) -> Edge {
        let edge = Edge::start(&self.told).await;
        edge.set_clock(self.now()).await;
        edge
    }

    /// Starts another origin in the place of one that was stopped, after a change to its settings. It listens elsewhere.
    pub async fn restart_origin(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
        self.origin = Origin::start_configured(&self.config, &self.clock).await;
    }

    /// An office of its own beside the running origin, on the same database and by the same clock: what an operator's
    /// command opens, in a process that knows nothing of the origin's.
    pub async fn operator(&self) -> Office {
        open_office(&self.config, Clock::from(self.clock.clone())).await.expect("the database is there")
    }

    /// The database, where the story has one of its own.
    pub fn database(&self) -> Option<&TestDatabase> {
        self.database.as_ref()
    }

    /// A browser without cookies at the tenant `demo`.
    pub fn browser(&self) -> Browser {
        Browser::new(self.edge.address(), DEMO)
    }

    /// A browser in which `actor` is signed in at the tenant `demo`, and its session.
    pub async fn signed_in(&self, actor: &str) -> (Browser, Value) {
        let minted = self.origin.mint(actor).await;
        let mut browser = self.browser();
        browser.keep_session(&minted);
        (browser, minted["session"].clone())
    }

    /// Moves the clocks of origin and edge forward.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.edge.set_clock(self.clock.now()).await;
    }

    /// The clock of both.
    pub fn clock(&self) -> MovableClock {
        self.clock.clone()
    }

    /// The time both have.
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }
}

/// What the applications of the tenants that there are check assertions with: a secret for another would be a mistake.
fn upstream_secrets(settings: &Value) -> Value {
    let tenants = settings["tenants"].as_array().expect("there are tenants");
    let served = |id: &str| tenants.iter().any(|tenant| tenant["id"] == id);
    let all = [("demo", UPSTREAM_SECRET), ("other", OTHER_UPSTREAM_SECRET)];
    all.into_iter().filter(|(id, _)| served(id)).map(|(id, secret)| (id.to_owned(), json!(secret))).collect()
}

/// Two tenants with a public path each, as in `wrangler.toml`.
fn settings(origin: &Origin, upstream: &Upstream) -> Value {
    let tenant = |id: &str, host: &str| {
        json!({
            "id": id,
            "hosts": [host],
            "upstream": upstream.address(),
            "routes": [{ "path": "/public", "policy": "public" }],
        })
    };
    json!({
        "edge": "dev",
        "origin_public": origin.public(),
        "origin_private": origin.private(),
        "tenants": [tenant("demo", DEMO), tenant("other", OTHER)],
    })
}
