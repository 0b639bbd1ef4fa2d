//! Load over HTTP: each client has a connection and one request under way on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::answer;
use crate::subject::Tally;

/// What to ask, and what to expect.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    pub(crate) address: SocketAddr,
    /// Whole requests, sent in turn.
    pub(crate) requests: Arc<[Vec<u8>]>,
    pub(crate) status: u16,
    /// What the body of a good answer contains.
    pub(crate) contains: &'static str,
}

/// Asks until the time is over.
pub(crate) async fn load(http: &Http, clients: usize, length: Duration) -> anyhow::Result<Tally> {
    let end = Instant::now() + length;
    let clients: Vec<_> = (0..clients)
        .map(|client| tokio::spawn(drive(http.clone(), client * http.requests.len() / clients, end)))
        .collect();
    let mut sum = Tally::default();
    for client in clients {
        let tally = client.await??;
        sum.done += tally.done;
        sum.bad += tally.bad;
        if sum.complaint.is_empty() {
            sum.complaint = tally.complaint;
        }
    }
    Ok(sum)
}

async fn drive(http: Http, first: usize, end: Instant) -> anyhow::Result<Tally> {
    let mut connection = Connection::open(http.address).await?;
    let mut tally = Tally::default();
    for request in http.requests.iter().cycle().skip(first) {
        if Instant::now() >= end {
            break;
        }
        let (status, body) = connection.ask(request).await?;
        if status == http.status && answer::find(body, http.contains.as_bytes()).is_some() {
            tally.done += 1;
        } else {
            tally.bad += 1;
            tally.complaint = format!("{status} {}", String::from_utf8_lossy(body));
        }
    }
    Ok(tally)
}

/// Asks once; answers the body.
pub(crate) async fn ask(http: &Http, request: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut connection = Connection::open(http.address).await?;
    let (status, body) = connection.ask(request).await?;
    anyhow::ensure!(status == http.status, "answered {status} {}", String::from_utf8_lossy(body));
    Ok(body.to_vec())
}

/// A request with `headers`, each with its line end.
pub(crate) fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n{body}").into_bytes()
}

pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(16 * 1024) })
    }

    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        while answer::read(&self.answer).is_none() {
            let read = self.stream.read_buf(&mut self.answer).await?;
            anyhow::ensure!(read > 0, "the connection was closed");
        }
        answer::read(&self.answer).context("it was there a moment ago")
    }

    /// The whole of the last answer.
    pub(crate) fn last(&self) -> &[u8] {
        &self.answer
    }
}
