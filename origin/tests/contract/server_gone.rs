//! A server that goes away under an origin that serves: 503 while it is gone, nobody is signed out, and all is well by
//! itself once it is back.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::Config;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::secret::Secret32;
use sealgate_test_database::Postgres;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::sleep;

/// How long a request may take that finds nobody at home.
const PATIENCE: Duration = Duration::from_secs(6);
/// How long after the server has come back everything must work again.
const RECOVERY: Duration = Duration::from_secs(10);

/// An origin on real sockets.
struct Serving {
    _folder: tempfile::TempDir,
    public: SocketAddr,
    private: SocketAddr,
    token: String,
    edge: String,
    client: reqwest::Client,
}

impl Serving {
    async fn start(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::development(folder.path());
        config.database = url.parse().unwrap();
        let app = App::build(&config, Clock::system()).await.unwrap();
        let public = TcpListener::bind(config.listen_public).await.unwrap();
        let private = TcpListener::bind(config.listen_private).await.unwrap();
        let file: Value = serde_json::from_slice(&std::fs::read(folder.path().join("dev.json")).unwrap()).unwrap();
        let edge: EdgeId = "dev".parse().unwrap();
        let secret = EdgeSecret::new(Secret32::from_base64url(file["edge_secret"].as_str().unwrap()).unwrap());
        let (public_address, private_address) = (public.local_addr().unwrap(), private.local_addr().unwrap());
        tokio::spawn(app.serve(public, private, std::future::pending()));
        Self {
            _folder: folder,
            public: public_address,
            private: private_address,
            token: file["service_token"].as_str().unwrap().to_owned(),
            edge: secret.credential(&edge),
            client: reqwest::Client::new(),
        }
    }

    fn v1(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.client.request(method, format!("http://{}{path}", self.private)).bearer_auth(&self.token)
    }

    fn mint(&self) -> reqwest::RequestBuilder {
        self.v1("POST", "/v1/sessions").json(&json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" }))
    }

    fn browser(&self, method: &str, path: &str, cookie: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        let request = self.client.request(method, format!("http://{}{path}", self.public));
        [("edge", self.edge.as_str()), ("tenant", "demo"), ("host", "demo.test"), ("proto", "https")]
            .into_iter()
            .fold(request, |request, (name, value)| request.header(format!("x-sealgate-{name}"), value))
            .header("cookie", cookie)
    }

    /// Whatever needs the database for its answer.
    fn everything(&self, cookie: &str, session: &str) -> Vec<reqwest::RequestBuilder> {
        vec![
            self.mint(),
            self.v1("GET", &format!("/v1/sessions/{session}")),
            self.v1("GET", "/v1/sessions?actor_type=user&actor_id=ada&status=all"),
            self.browser("GET", "/auth/session", cookie),
            self.client.get(format!("http://{}/readyz", self.private)),
        ]
    }
}

/// The id and the cookie of a session just made.
async fn minted(answer: reqwest::Response) -> (String, String) {
    assert_eq!(answer.status(), 201);
    let body: Value = answer.json().await.unwrap();
    let cookie = body["set_cookie"][0].as_str().unwrap().split(';').next().unwrap().to_owned();
    (body["session"]["id"].as_str().unwrap().to_owned(), cookie)
}

async fn expect_503(request: reqwest::RequestBuilder) {
    let begun = Instant::now();
    let answer = request.send().await.unwrap();
    let (status, url) = (answer.status(), answer.url().clone());
    assert_eq!(status, 503, "{url}");
    assert!(answer.headers().contains_key("retry-after"), "{url}");
    assert!(!answer.headers().contains_key("set-cookie"), "{url}: nobody is signed out by an outage");
    assert!(begun.elapsed() < PATIENCE, "{url} took {:?}", begun.elapsed());
}

/// Asks until the answer is good; anything but a 503 in between is wrong.
async fn expect_recovery(serving: &Serving) {
    let begun = Instant::now();
    loop {
        let status = serving.mint().send().await.unwrap().status();
        if status == 201 {
            return;
        }
        assert_eq!(status, 503);
        assert!(begun.elapsed() < RECOVERY, "still not back after {RECOVERY:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_the_server_is_gone_everything_is_503_and_afterwards_all_is_well() {
    let mut server = Postgres::start();
    let url = server.create_database().await.url().to_owned();
    let serving = Serving::start(&url).await;
    let (id, cookie) = minted(serving.mint().send().await.unwrap()).await;
    for crash in [false, true] {
        if crash {
            server.crash();
        } else {
            server.stop();
        }
        for request in serving.everything(&cookie, &id) {
            expect_503(request).await;
        }
        let healthy = serving.client.get(format!("http://{}/healthz", serving.private)).send().await.unwrap();
        assert_eq!(healthy.status(), 200, "the process is well");
        server.start_again();
        expect_recovery(&serving).await;
        for request in serving.everything(&cookie, &id) {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{}: {}", answer.url(), answer.status());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_were_cut_while_idle_are_replaced_unnoticed() {
    let database = Postgres::shared().create_database().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::development(folder.path());
    config.database = database.url().parse().unwrap();
    // Nobody serves, so nothing is asked but what we ask.
    let app = App::build(&config, Clock::system()).await.unwrap();
    let store = app.office().store();
    for _ in 0..2 {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.standing().await.map(drop) })
            })
            .collect();
        for one in asking {
            one.await.unwrap().unwrap();
        }
        // Longer than a connection is trusted unasked.
        sleep(Duration::from_millis(1_200)).await;
        assert!(database.disconnect_all().await >= 1);
    }
    store.standing().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_were_cut_are_replaced() {
    let database = Postgres::shared().create_database().await;
    let serving = Serving::start(database.url()).await;
    let (id, cookie) = minted(serving.mint().send().await.unwrap()).await;
    for round in 0..3 {
        let cut = database.disconnect_all().await;
        assert!(cut >= 1);
        let mut failed = 0;
        for _ in 0..=cut {
            for request in serving.everything(&cookie, &id) {
                let status = request.send().await.unwrap().status();
                assert!(status.is_success() || status == 503, "{status}");
                failed += usize::from(status == 503);
            }
        }
        // A connection that was used a moment ago is trusted once more.
        assert!(failed <= cut, "round {round}: {failed} requests failed over {cut} connections");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_are_cut_under_load_cost_few_requests() {
    let database = Postgres::shared().create_database().await;
    let serving = std::sync::Arc::new(Serving::start(database.url()).await);
    let (id, _) = minted(serving.mint().send().await.unwrap()).await;
    let asking: Vec<_> = (0..4)
        .map(|_| {
            let (serving, path) = (std::sync::Arc::clone(&serving), format!("/v1/sessions/{id}"));
            tokio::spawn(async move {
                let mut failed = 0;
                for _ in 0..100 {
                    let status = serving.v1("GET", &path).send().await.unwrap().status();
                    assert!(status == 200 || status == 503, "{status}");
                    failed += usize::from(status == 503);
                    sleep(Duration::from_millis(5)).await;
                }
                failed
            })
        })
        .collect();
    sleep(Duration::from_millis(150)).await;
    let cut = database.disconnect_all().await;
    let mut failed = 0;
    for one in asking {
        failed += one.await.unwrap();
    }
    assert!(cut >= 1);
    // Each connection may fail one request that was trusted to it; no more.
    assert!(failed <= cut, "{failed} requests failed over {cut} connections");
    assert_eq!(serving.v1("GET", &format!("/v1/sessions/{id}")).send().await.unwrap().status(), 200);
}
