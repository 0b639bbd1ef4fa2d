//! A provider with all answers in its memory, signed before anybody asks.

use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use sealgate_test_provider::{Draft, Key};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;
use url::form_urlencoded;

use crate::origin;

type Answers = Arc<Mutex<HashMap<String, String>>>;

#[derive(Debug)]
pub(super) struct Provider {
    address: SocketAddr,
    client: &'static str,
    answers: Answers,
    given: AtomicU32,
    /// The thread it runs on, which ends with the program.
    thread: i32,
}

impl Provider {
    pub(super) fn start(client: &'static str) -> anyhow::Result<Self> {
        let answers = Answers::default();
        let (tell, told) = mpsc::channel();
        let on_thread = Arc::clone(&answers);
        std::thread::spawn(move || serve(on_thread, &tell));
        let (address, thread) = told.recv().context("the provider did not start")?;
        Ok(Self { address, client, answers, given: AtomicU32::new(0), thread })
    }

    pub(super) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody signs in; what the browser comes back with. The answer that the code stands for is made now.
    pub(super) fn authorize(&self, request: &str) -> anyhow::Result<String> {
        let url = Url::parse(request)?;
        let find = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        let (state, nonce) = (find("state").context("no state")?, find("nonce").context("no nonce")?);
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let code = format!("code-{number}");
        #[expect(clippy::disallowed_methods, reason = "the origin goes by the machine's clock here")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = json!({
            "iss": self.issuer(), "aud": self.client, "sub": origin::actor(number as usize), "iat": now,
            "exp": now + 3_600, "auth_time": now, "nonce": nonce, "sid": format!("sid-{number}"),
        });
        let token = Draft::new(Key::Rsa, Key::Rsa.usual_algorithm(), claims).sign();
        let answer = json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 300, "id_token": token });
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(code.clone(), answer.to_string());
        let mut query = form_urlencoded::Serializer::new(String::new());
        Ok(query.append_pair("state", &state).append_pair("code", &code).finish())
    }

    /// The CPU time it has used so far.
    pub(super) fn cpu_time(&self) -> anyhow::Result<Duration> {
        let text = fs::read_to_string(format!("/proc/self/task/{}/schedstat", self.thread))?;
        let spent = text.split(' ').next().context("the kernel tells")?;
        Ok(Duration::from_nanos(spent.parse()?))
    }
}

fn serve(answers: Answers, tell: &mpsc::Sender<(SocketAddr, i32)>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let issuer = format!("http://{address}");
        let document = json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let keys = json!({ "keys": [Key::Rsa.jwk()] });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(async move || axum::Json(document)))
            .route("/keys", get(async move || axum::Json(keys)))
            .route("/token", post(exchange))
            .with_state(answers);
        tell.send((address, thread_id())).expect("somebody waits for it");
        axum::serve(listener, routes).await.expect("it serves");
    });
}

async fn exchange(State(answers): State<Answers>, form: String) -> impl IntoResponse {
    let code =
        form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = code.and_then(|code| answers.remove(&code)).unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], answer)
}

/// The number of this thread: `/proc/thread-self` leads to it.
fn thread_id() -> i32 {
    let link = fs::read_link("/proc/thread-self").expect("the kernel tells");
    link.file_name().and_then(|name| name.to_str()?.parse().ok()).expect("it is a number")
}
