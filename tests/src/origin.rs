//! The real origin, on a database of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use reqwest::{Method, RequestBuilder};
use sealgate_origin::app::App;
use sealgate_origin::clock::{Clock, MovableClock};
use sealgate_origin::config::Config;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::browser::Answer;

/// A running origin.
#[derive(Debug)]
pub struct Origin {
    app: App,
    public: SocketAddr,
    private: SocketAddr,
    secrets: Value,
    client: reqwest::Client,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Origin {
    /// Starts it as a developer would, with tenants, an edge and a service token of its own making.
    pub async fn start(folder: &Path, clock: &MovableClock) -> Self {
        Self::start_configured(&Config::development(folder), clock).await
    }

    /// Starts it in development with other settings than the usual ones.
    pub async fn start_configured(config: &Config, clock: &MovableClock) -> Self {
        let app = App::build(config, Clock::from(clock.clone())).await.expect("the origin starts");
        let public = TcpListener::bind(config.listen_public).await.unwrap();
        let private = TcpListener::bind(config.listen_private).await.unwrap();
        let secrets = serde_json::from_slice(&fs::read(config.data_dir.join("dev.json")).unwrap()).unwrap();
        let (public_address, private_address) = (public.local_addr().unwrap(), private.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let served = app.clone().serve(public, private, async { stopped.await.unwrap_or_default() });
        let task = tokio::spawn(async { served.await.expect("the origin serves") });
        Self {
            app,
            public: public_address,
            private: private_address,
            secrets,
            client: crate::edge::client(),
            running: Some(Running { stop, task }),
        }
    }

    /// What is behind its routes, for what has no route yet.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The address of its public listener.
    pub fn public(&self) -> String {
        format!("http://{}", self.public)
    }

    /// The address of its private listener.
    pub fn private(&self) -> String {
        format!("http://{}", self.private)
    }

    /// The secret of the edge `dev`.
    pub fn edge_secret(&self) -> &str {
        self.secrets["edge_secret"].as_str().unwrap()
    }

    /// A service token of the tenant `demo`, with every scope.
    pub fn service_token(&self) -> &str {
        self.secrets["service_token"].as_str().unwrap()
    }

    /// Mints a session of the tenant `demo`, as its backend does.
    pub async fn mint(&self, actor: &str) -> Value {
        self.mint_with(actor, json!({})).await
    }

    /// Mints a session with other fields than the usual ones.
    pub async fn mint_with(&self, actor: &str, fields: Value) -> Value {
        let mut body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": actor });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = self.ask(Method::POST, "/v1/sessions", Some(body)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Revokes a session, as its backend does; acknowledged when this returns.
    pub async fn revoke(&self, session: &Value) {
        let path = format!("/v1/sessions/{}", session["id"].as_str().expect("a session has an id"));
        assert_eq!(self.ask(Method::DELETE, &path, None).await.status, 200);
    }

    /// Asks the private listener with the service token.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.private()));
        answer(request.bearer_auth(self.service_token()), body).await
    }

    /// How many requests it has served on both listeners, those of operators not counted.
    pub async fn requests(&self) -> u64 {
        self.metrics("sealgate_http_requests_total").await
    }

    /// The sum of the metrics whose name and labels begin so; 0 where there is none.
    pub async fn metrics(&self, beginning: &str) -> u64 {
        let text = self.client.get(format!("{}/metrics", self.private())).send().await.unwrap().text().await.unwrap();
        let counts = text.lines().filter(|line| line.starts_with(beginning));
        counts.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().expect("it counts")).sum()
    }

    /// Stops it: connections are refused from now on.
    pub async fn stop(&mut self) {
        let running = self.running.take().expect("it is running");
        // Should it have stopped by itself, the next line says so.
        let _ = running.stop.send(());
        running.task.await.unwrap();
    }
}

async fn answer(mut request: RequestBuilder, body: Option<Value>) -> Answer {
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.expect("the origin answers");
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: response.text().await.unwrap() }
}
