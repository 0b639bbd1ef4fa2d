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

/// What the applications check assertions with: 32 bytes in base64url.
pub const UPSTREAM_SECRET: &str = "c2VjcmV0cyBvZiB0aGUgYXBwbGljYXRpb24hISEhISE";

/// Origin, edge and application, with one clock.
#[derive(Debug)]
pub struct Stack {
    pub origin: Origin,
    pub edge: Edge,
    pub upstream: Upstream,
    clock: MovableClock,
    config: Config,
    _folder: TempDir,
    _database: Option<TestDatabase>,
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
        Self::start_parts(build, change, config, folder, None).await
    }

    /// Starts all three over a database of this kind, after a change to the origin's settings.
    pub async fn start_on(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let (folder, database) = (TempDir::new().unwrap(), TestDatabase::create(engine).await);
        let mut config = Config::development(folder.path());
        config.database = database.url().parse().expect("it is an address");
        change(&mut config);
        Self::start_parts("build", |_| {}, config, folder, Some(database)).await
    }

    async fn start_parts(
        build: &str,
        change: impl FnOnce(&mut Value),
        config: Config,
        folder: TempDir,
        database: Option<TestDatabase>,
    ) -> Self {
        let clock = MovableClock::starting_at(UnixMillis::new(1_800_000_000_000).unwrap());
        let origin = Origin::start_configured(&config, &clock).await;
        let upstream = Upstream::start().await;
        let mut settings = settings(&origin, &upstream);
        change(&mut settings);
        let upstream_secrets = json!({ "demo": UPSTREAM_SECRET, "other": UPSTREAM_SECRET }).to_string();
        let told = EdgeConfig { settings, secret: origin.edge_secret().to_owned(), upstream_secrets };
        let edge = Edge::start_build(build, &told).await;
        edge.set_clock(clock.now()).await;
        Self { origin, edge, upstream, clock, config, _folder: folder, _database: database }
    }

    /// An office of its own beside the running origin, on the same database and by the same clock: what an operator's
    /// command opens, in a process that knows nothing of the origin's.
    pub async fn operator(&self) -> Office {
        open_office(&self.config, Clock::from(self.clock.clone())).await.expect("the database is there")
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

    /// The time both have.
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }
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
