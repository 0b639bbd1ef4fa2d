//! An origin that holds the keys it was given and says that nothing was ever revoked: for stories about verification
//! alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::routing::{get, post};
use axum::{Json, Router};
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::keyring::KeyringDocument;
use sealgate_shared::revocation::{Head, Position};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The running stub.
#[derive(Debug)]
pub struct StubOrigin {
    address: String,
    requests: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

struct Sealing {
    document: KeyringDocument,
    edge: EdgeId,
    secret: EdgeSecret,
    nonce: AtomicU64,
}

impl StubOrigin {
    /// Starts it for one edge.
    pub async fn start(document: KeyringDocument, edge: EdgeId, secret: EdgeSecret) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&requests);
        let count = axum::middleware::from_fn(move |request, next: Next| {
            counter.fetch_add(1, Ordering::SeqCst);
            next.run(request)
        });
        let sealing = Arc::new(Sealing { document, edge, secret, nonce: AtomicU64::new(0) });
        let routes = Router::new()
            .route("/internal/keyring", get(seal_keyring))
            .route("/internal/feed/{edge}/{seal}/head", get(seal_head))
            .route("/internal/check", post(async || Json::<Value>(json!({ "status": "live" }))))
            .with_state(sealing)
            .layer(count);
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, requests, task }
    }

    /// How often it was asked.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    /// Its address: scheme, host and port.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for StubOrigin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn seal_keyring(State(sealing): State<Arc<Sealing>>) -> Vec<u8> {
    sealing.document.seal(&sealing.edge, &sealing.secret, sealing.nonce())
}

/// Nothing was ever revoked.
async fn seal_head(State(sealing): State<Arc<Sealing>>, headers: HeaderMap) -> Vec<u8> {
    let head = Head {
        challenge: headers["x-sealgate-challenge"].to_str().unwrap().to_owned(),
        position: Position { epoch: 1, sequence: 0 },
        after: 0,
        keyring: sealing.document.version,
        snapshot: 0,
        entries: Vec::new(),
    };
    head.seal(&sealing.edge, &sealing.secret, sealing.nonce())
}

impl Sealing {
    fn nonce(&self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.nonce.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        nonce
    }
}
