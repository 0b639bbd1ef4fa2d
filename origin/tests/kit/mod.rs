//! An origin of its own for each test: a database that nobody else has, a clock that stands still until it is
//! moved, and requests through the real routers.

pub(crate) mod database;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use sealgate_origin::app::App;
use sealgate_origin::clock::{Clock, MovableClock};
use sealgate_origin::config::Config;
use sealgate_origin::credential::Scopes;
use sealgate_origin::office::ServiceTokenRequest;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::{Engine, TestDatabase};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tower::ServiceExt as _;

use database::Backdoor;

/// 2026-06-01T12:00:00Z, when every test begins.
pub(crate) const START: u64 = 1_780_315_200_000;

pub(crate) struct Origin {
    pub(crate) folder: TempDir,
    pub(crate) config: Config,
    pub(crate) clock: MovableClock,
    pub(crate) app: App,
    /// A service token of the tenant `demo` with every scope.
    pub(crate) token: String,
    /// The credential of the edge `dev`, which serves `demo` and `other`.
    pub(crate) edge: String,
    pub(crate) _database: Option<TestDatabase>,
}

impl Origin {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(database::usual_engine(), change).await
    }

    pub(crate) async fn start_on(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::development(folder.path());
        let database = database::give_database(&mut config, engine).await;
        change(&mut config);
        let clock = MovableClock::starting_at(UnixMillis::new(START).unwrap());
        let app = App::build(&config, Clock::from(clock.clone())).await.unwrap();
        let (edge_secret, token) = read_dev_file(&config);
        let edge = EdgeSecret::new(edge_secret).credential(&"dev".parse::<EdgeId>().unwrap());
        Self { folder, config, clock, app, token, edge, _database: database }
    }

    /// A second process on the same database, as far as the first can tell.
    pub(crate) async fn start_another(&self) -> App {
        App::build(&self.config, Clock::from(self.clock.clone())).await.unwrap()
    }

    pub(crate) fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    pub(crate) async fn create_token(&self, tenant: &str, scopes: &str) -> String {
        let tenant: TenantId = tenant.parse().unwrap();
        let scopes: Scopes = scopes.parse().unwrap();
        let request = ServiceTokenRequest { tenant: &tenant, name: "test", scopes };
        self.app.office().create_service_token(&request).await.unwrap().expose()
    }

    pub(crate) async fn create_operator_token(&self) -> String {
        self.app.office().create_operator_token("test").await.unwrap().expose()
    }

    pub(crate) async fn create_edge(&self, id: &str, tenants: &[&str]) -> (EdgeSecret, String) {
        let id: EdgeId = id.parse().unwrap();
        let tenants: Vec<TenantId> = tenants.iter().map(|tenant| tenant.parse().unwrap()).collect();
        let secret = EdgeSecret::new(self.app.office().create_edge(&id, &tenants).await.unwrap());
        let credential = secret.credential(&id);
        (secret, credential)
    }

    pub(crate) fn edge_secret(&self) -> EdgeSecret {
        EdgeSecret::new(read_dev_file(&self.config).0)
    }

    /// A request to the private listener with the service token of `demo`.
    pub(crate) fn v1(&self, method: &str, path: &str) -> Ask {
        Ask::new(self.app.private_router(), method, path).bearer(&self.token)
    }

    /// A request to the private listener with the edge's credential.
    pub(crate) fn internal(&self, method: &str, path: &str) -> Ask {
        Ask::new(self.app.private_router(), method, path).header("x-sealgate-edge", &self.edge)
    }

    /// A request to the private listener as nobody.
    pub(crate) fn private(&self, method: &str, path: &str) -> Ask {
        Ask::new(self.app.private_router(), method, path)
    }

    /// A browser's request to `demo`, as the edge hands it on.
    pub(crate) fn browser(&self, method: &str, path: &str) -> Ask {
        self.public(method, path).handed_on_by(&self.edge)
    }

    /// A request to the public listener as nobody.
    pub(crate) fn public(&self, method: &str, path: &str) -> Ask {
        Ask::new(self.app.public_router(), method, path)
    }

    /// Mints a session of the actor `ada` of `demo`.
    pub(crate) async fn mint(&self) -> Minted {
        self.mint_with(json!({})).await
    }

    /// Mints with these fields in place of the usual ones.
    pub(crate) async fn mint_with(&self, fields: Value) -> Minted {
        let mut body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = self.v1("POST", "/v1/sessions").json(&body).send().await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        Minted::new(answer.json())
    }

    /// What an edge is told about a session of `demo`.
    pub(crate) async fn check(&self, session: &str) -> String {
        let body = json!({ "tenant": "demo", "session": session });
        let answer = self.internal("POST", "/internal/check").json(&body).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()["status"].as_str().unwrap().to_owned()
    }

    /// The database by the back door.
    pub(crate) async fn database(&self) -> Backdoor {
        Backdoor::open(&self.config).await
    }
}

fn read_dev_file(config: &Config) -> (Secret32, String) {
    let path: PathBuf = config.data_dir.join("dev.json");
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let secret = Secret32::from_base64url(file["edge_secret"].as_str().unwrap()).unwrap();
    (secret, file["service_token"].as_str().unwrap().to_owned())
}

/// The text with its first character replaced by another of base64url.
pub(crate) fn bend(text: &str) -> String {
    let other = if text.starts_with('A') { "B" } else { "A" };
    format!("{other}{}", &text[1..])
}

/// What minting answered.
pub(crate) struct Minted {
    pub(crate) body: Value,
    pub(crate) id: String,
    /// The access token.
    pub(crate) access: String,
    /// The value of a `Cookie` header.
    pub(crate) cookie: String,
}

impl Minted {
    fn new(body: Value) -> Self {
        let line = body["set_cookie"][0].as_str().unwrap();
        let pair = line.split(';').next().unwrap();
        Self {
            id: body["session"]["id"].as_str().unwrap().to_owned(),
            access: pair.split_once('=').unwrap().1.to_owned(),
            cookie: pair.to_owned(),
            body,
        }
    }
}

impl Minted {
    /// When the access token ends; up to a twentieth before its longest lifetime is over.
    pub(crate) fn access_expires_at(&self) -> String {
        self.body["session"]["access_expires_at"].as_str().unwrap().to_owned()
    }

    /// How long it lives.
    pub(crate) fn access_lifetime(&self) -> Duration {
        let time = |name: &str| {
            let text = self.body["session"][name].as_str().unwrap();
            OffsetDateTime::parse(text, &Rfc3339).unwrap()
        };
        (time("access_expires_at") - time("created_at")).unsigned_abs()
    }
}

/// A request being put together.
pub(crate) struct Ask {
    router: Router,
    method: Method,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    peer: Option<SocketAddr>,
    body: Body,
}

impl Ask {
    pub(crate) fn new(router: Router, method: &str, path: &str) -> Self {
        let method = method.parse().unwrap();
        Self { router, method, path: path.to_owned(), headers: Vec::new(), peer: None, body: Body::empty() }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    /// Whether it carries a service token.
    pub(crate) fn is_for_backends(&self) -> bool {
        self.headers.iter().any(|(name, _)| name == "authorization")
    }

    /// The address at the other end of the connection, as the server tells it.
    pub(crate) fn peer(mut self, address: &str) -> Self {
        self.peer = Some(SocketAddr::new(address.parse().unwrap(), 50_000));
        self
    }

    /// The client's address, as an edge tells it.
    pub(crate) fn client(self, address: &str) -> Self {
        self.header("x-sealgate-client-ip-source", "cf-connecting-ip").header("x-sealgate-client-ip", address)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// As an edge of that credential hands on a request to `demo`.
    pub(crate) fn handed_on_by(self, edge: &str) -> Self {
        self.header("x-sealgate-edge", edge)
            .header("x-sealgate-tenant", "demo")
            .header("x-sealgate-host", "demo.test")
            .header("x-sealgate-proto", "https")
    }

    /// From a page of the same site, as browsers say.
    pub(crate) fn same_site(self) -> Self {
        self.header("sec-fetch-site", "same-origin")
    }

    pub(crate) fn cookie(self, value: &str) -> Self {
        self.header("cookie", value)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned())
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let is_feed = self.path.starts_with("/internal/feed/");
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(self.body).unwrap();
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response = self.router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        // The documents of the feed are for caches; `feed.rs` knows which.
        if !is_feed || !parts.status.is_success() {
            assert_eq!(parts.headers[header::CACHE_CONTROL], "no-store", "every answer");
        }
        assert!(parts.headers.contains_key("x-request-id"), "every answer");
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends the request and expects a problem document of that status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> impl Future<Output = Answer> {
        let place = std::panic::Location::caller();
        let code = code.to_owned();
        async move {
            let asked = format!("{} {} ({place})", self.method, self.path);
            let answer = self.send().await;
            assert_eq!(answer.status, status, "{asked}: {}", answer.text());
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{asked}");
            let problem = answer.json();
            assert_eq!(problem["code"], code.as_str(), "{asked}: {problem}");
            assert_eq!(problem["status"], status, "{asked}");
            assert_eq!(problem["type"], "about:blank", "{asked}");
            assert!(problem["title"].is_string() && problem["detail"].is_string(), "{asked}: {problem}");
            answer
        }
    }

    /// As [`Ask::refused`], and names the field.
    #[track_caller]
    pub(crate) fn refused_field(self, code: &str, field: &str) -> impl Future<Output = ()> {
        let field = field.to_owned();
        let refused = self.refused(422, code);
        async move {
            let problem = refused.await.json();
            assert_eq!(problem["field"], field.as_str(), "{problem}");
        }
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub(crate) fn set_cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }
}
