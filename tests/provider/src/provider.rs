//! The provider: a server on a port of its own, and what it remembers.

use std::collections::HashMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::asked::{Asked, Endpoint};
use crate::authorize::{self, Grant, Return};
use crate::draft::Draft;
use crate::hold::Held;
use crate::merge::merge;
use crate::plan::Plan;
use crate::routes;

/// The client that every provider knows.
pub const CLIENT_ID: &str = "sealgate-at-test";
/// Its secret; with characters that its two ways of being sent write differently.
pub const CLIENT_SECRET: &str = "client secret/of+the:tests%";

/// Tells the time, in seconds since 1970.
type Now = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A running provider. Dropping it stops it.
#[derive(Debug)]
pub struct Provider {
    state: State,
    running: Option<oneshot::Sender<()>>,
}

#[derive(Clone)]
pub(crate) struct State {
    address: SocketAddr,
    now: Now,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) plan: Plan,
    pub(crate) asked: Vec<Asked>,
    pub(crate) grants: HashMap<String, Grant>,
    pub(crate) holds: HashMap<Endpoint, Held>,
    made: u64,
}

impl Provider {
    /// Starts one whose clock is the one given: seconds since 1970.
    pub async fn start(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let listener = listen(0).await;
        let address = listener.local_addr().expect("it listens");
        let state = State { address, now: Arc::new(now), memory: Arc::default() };
        let mut provider = Self { state, running: None };
        provider.serve(listener);
        provider
    }

    pub fn issuer(&self) -> String {
        self.state.issuer()
    }

    /// What the other side has to be told of it, under the name `id`.
    pub fn registration(&self, id: &str) -> Value {
        json!({
            "id": id, "name": "Example Login", "issuer": self.issuer(),
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        })
    }

    /// Changes what it does from now on.
    pub fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.state.memory().plan);
    }

    /// Behaves well again.
    pub fn behave(&self) {
        self.state.memory().plan = Plan::default();
    }

    /// All that it was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.memory().asked.clone()
    }

    /// How often an endpoint was asked.
    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.state.memory().asked.iter().filter(|asked| asked.endpoint == endpoint).count()
    }

    /// Somebody signs in and consents: where the browser goes from an authorization request.
    pub fn authorize(&self, request: &str) -> Return {
        let (grant, state) = authorize::read(request, &format!("{}/authorize", self.issuer()));
        let code = self.state.make("code");
        let back = Return::new(&grant, &state).with("code", &code);
        self.state.memory().grants.insert(code, grant);
        self.name(back)
    }

    /// Somebody does not: the browser goes back with this error.
    pub fn refuse(&self, request: &str, error: &str) -> Return {
        let (grant, state) = authorize::read(request, &format!("{}/authorize", self.issuer()));
        self.name(Return::new(&grant, &state).with("error", error))
    }

    fn name(&self, back: Return) -> Return {
        if self.state.memory().plan.names_itself { back.with("iss", &self.issuer()) } else { back }
    }

    /// The ID token that this code stands for, as the token endpoint would answer it.
    pub fn id_token(&self, code: &str) -> String {
        let grant = self.state.memory().grants.get(code).expect("it gave that code out").clone();
        routes::id_token(&self.state, &grant, &self.state.make("at"))
    }

    /// A logout token, to be signed: of the usual subject, with these claims over the usual ones.
    pub fn logout(&self, claims: &Value) -> Draft {
        let now = self.state.now();
        let mut usual = json!({
            "iss": self.issuer(), "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": self.state.make("jti"),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            "sub": "ada",
        });
        merge(&mut usual, claims);
        let memory = self.state.memory();
        let (key, algorithm) = (memory.plan.key, memory.plan.algorithm());
        Draft::new(key, algorithm, usual).header(&json!({ "typ": "logout+jwt" }))
    }

    /// Holds up the next question to that endpoint.
    pub fn hold(&self, endpoint: Endpoint) -> Held {
        let held = Held::default();
        self.state.memory().holds.insert(endpoint, held.clone());
        held
    }

    /// Stops answering: connections are refused, open ones closed.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Is there again at the same address.
    pub async fn start_again(&mut self) {
        let listener = listen(self.state.address.port()).await;
        self.serve(listener);
    }

    /// On a thread of its own: what stops takes its connections along.
    fn serve(&mut self, listener: TcpListener) {
        let (stop, stopped) = oneshot::channel::<()>();
        let routes: Router = routes::all(self.state.clone());
        let listener = listener.into_std().expect("a listener that was not used yet");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("it does not block");
                tokio::select! {
                    served = axum::serve(listener, routes) => served.expect("it serves"),
                    // An answer or a sender that is gone: both end it.
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        self.running = Some(stop);
    }
}

async fn listen(port: u16) -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("the port is free")
}

impl State {
    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn now(&self) -> u64 {
        (self.now)()
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A name that was not given out before.
    pub(crate) fn make(&self, kind: &str) -> String {
        let mut memory = self.memory();
        memory.made += 1;
        format!("{kind}-{}", memory.made)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("address", &self.address).finish_non_exhaustive()
    }
}
