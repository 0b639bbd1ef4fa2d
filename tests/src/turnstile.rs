//! A place between two parts of the system where connections wait until the story lets them through.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The running turnstile, closed at first.
#[derive(Debug)]
pub struct Turnstile {
    address: String,
    arrived: Arc<AtomicUsize>,
    server: Option<SocketAddr>,
    state: watch::Sender<State>,
    task: JoinHandle<()>,
}

/// What becomes of whoever comes.
#[derive(Clone, Copy, Debug)]
enum State {
    Waits,
    Passes(SocketAddr),
    IsTurnedAway,
}

impl Turnstile {
    /// Starts it, before nothing yet.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let arrived = Arc::new(AtomicUsize::new(0));
        let (state, watched) = watch::channel(State::Waits);
        let counter = Arc::clone(&arrived);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((connection, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                connections.spawn(pass(connection, watched.clone()));
            }
        });
        Self { address, arrived, server: None, state, task }
    }

    /// Puts itself in the place of a server (scheme, host and port) in a configuration.
    pub fn stand_before(&mut self, server: &mut Value) {
        let address = server.as_str().unwrap().strip_prefix("http://").unwrap();
        self.server = Some(address.parse().unwrap());
        *server = Value::from(self.address.clone());
    }

    /// How many connections have come.
    pub fn arrived(&self) -> usize {
        self.arrived.load(Ordering::SeqCst)
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        self.state.send_replace(State::Passes(self.server.expect("it stands before a server")));
    }

    /// Turns everybody away who comes from now on, as if the server were down.
    pub fn turn_away(&self) {
        self.state.send_replace(State::IsTurnedAway);
    }
}

impl Drop for Turnstile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(mut connection: TcpStream, mut state: watch::Receiver<State>) {
    let decided = state.wait_for(|state| !matches!(state, State::Waits)).await.map(|state| *state);
    let Ok(State::Passes(server)) = decided else { return };
    if let Ok(mut server) = TcpStream::connect(server).await {
        let turned_away = state.wait_for(|state| matches!(state, State::IsTurnedAway));
        tokio::select! {
            // Either side may end as it likes.
            _ = copy_bidirectional(&mut connection, &mut server) => {}
            _ = turned_away => {}
        }
    }
}
