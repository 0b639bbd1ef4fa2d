//! Origins as processes, on one database.

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::{Client, Method, RequestBuilder};
use sealgate_origin::outbound::install_provider;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::revocation::Head;
use sealgate_shared::secret::Secret32;
use serde_json::{Value, json};

/// A serving process; killed when the test ends.
pub(crate) struct Origin {
    child: Child,
    private: String,
    token: String,
    edge: String,
    secret: EdgeSecret,
    client: Client,
}

impl Drop for Origin {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Origin {
    /// Starts one that keeps its secrets in `folder`, with more settings than that.
    pub(crate) fn start(folder: &Path, database: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealgate"));
        command
            .env_clear()
            .env("SEALGATE_MODE", "dev")
            .env("SEALGATE_DATA_DIR", folder)
            .env("SEALGATE_DATABASE_URL", database)
            .envs(settings.iter().copied())
            .args(["serve", "--listen-public", "127.0.0.1:0", "--listen-private", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let private = wait_until_listening(&mut log);
        // Nobody reads on: the pipe must not fill up.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let file: Value = serde_json::from_slice(&std::fs::read(folder.join("dev.json")).unwrap()).unwrap();
        let secret = EdgeSecret::new(Secret32::from_base64url(file["edge_secret"].as_str().unwrap()).unwrap());
        install_provider();
        Self {
            child,
            private,
            token: file["service_token"].as_str().unwrap().to_owned(),
            edge: secret.credential(&dev()),
            secret,
            client: Client::new(),
        }
    }

    /// Mints a session of `ada`; its id.
    pub(crate) async fn mint(&self) -> String {
        let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
        let minted = answer(self.v1(Method::POST, "/v1/sessions").json(&body), 201).await;
        minted["session"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn revoke(&self, session: &str) {
        answer(self.v1(Method::DELETE, &format!("/v1/sessions/{session}")), 200).await;
    }

    /// What an edge is told about the session: whether it is live, and as of how many milliseconds ago.
    pub(crate) async fn check(&self, session: &str) -> (bool, u64) {
        let body = json!({ "tenant": "demo", "session": session });
        let request =
            self.client.post(format!("{}/internal/check", self.private)).header("x-sealgate-edge", &self.edge);
        let told = answer(request.json(&body), 200).await;
        (told["status"] == "live", told["age_ms"].as_u64().unwrap())
    }

    /// The head of the feed, as the edge opens it.
    pub(crate) async fn head(&self) -> Head {
        let url = format!("{}/internal/feed/dev/{}/head", self.private, self.secret.seal_id());
        let response = self.client.get(url).header("x-sealgate-edge", &self.edge).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Head::open(&response.bytes().await.unwrap(), &dev(), &self.secret).unwrap()
    }

    fn v1(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.private)).bearer_auth(&self.token)
    }
}

fn dev() -> EdgeId {
    "dev".parse().unwrap()
}

async fn answer(request: RequestBuilder, status: u16) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), status);
    response.json().await.unwrap()
}

fn wait_until_listening(log: &mut impl std::io::BufRead) -> String {
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended before it listened:\n{seen}");
        if let Some((_, after)) = line.split_once("private=") {
            return format!("http://{}", after.split_whitespace().next().unwrap());
        }
        seen.push_str(&line);
    }
}
