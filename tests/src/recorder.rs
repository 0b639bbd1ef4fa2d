//! An application that keeps the requests exactly as they arrived, and takes none that is not well-formed.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::raw::{Message, read_request};

/// The running application.
#[derive(Debug)]
pub struct Recorder {
    address: String,
    seen: Arc<Mutex<Vec<Message>>>,
    task: JoinHandle<()>,
}

impl Recorder {
    /// Starts it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(accept(listener, Arc::clone(&seen)));
        Self { address, seen, task }
    }

    /// Its address: scheme, host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What has arrived since the last call.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, seen: Arc<Mutex<Vec<Message>>>) {
    let mut connections = JoinSet::new();
    while let Ok((connection, _)) = listener.accept().await {
        connections.spawn(serve(connection, Arc::clone(&seen)));
    }
}

async fn serve(connection: TcpStream, seen: Arc<Mutex<Vec<Message>>>) {
    let mut connection = BufReader::new(connection);
    while let Some(request) = read_request(&mut connection).await {
        let body = if request.first.starts_with("HEAD ") { "" } else { "seen" };
        seen.lock().unwrap().push(request);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{body}");
        if connection.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
