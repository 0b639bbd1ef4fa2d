//! Refreshes: each moves another session to its next generation, with the token that the one before has answered.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Deserialize;

use crate::load::{self, Connection, Http};
use crate::origin::BROWSER;
use crate::subject::Tally;

/// How many sessions take turns. None comes again while its last answer would be given once more: the window is a second
/// here, and nobody is that fast.
const SESSIONS: usize = 8_192;
/// How many are minted at once.
const MINTERS: usize = 16;

/// Sessions that wait for their turn, and how to ask for them.
#[derive(Clone, Debug)]
pub(crate) struct Refreshes {
    address: SocketAddr,
    /// The edge's credential.
    headers: String,
    tokens: Arc<Mutex<VecDeque<String>>>,
}

#[derive(Deserialize)]
struct Answer {
    set_cookie: Vec<String>,
}

impl Refreshes {
    /// Mints the sessions.
    pub(crate) async fn prepare(mints: &Http, headers: String) -> anyhow::Result<Self> {
        let mut minting = Vec::new();
        for minter in 0..MINTERS {
            minting.push(tokio::spawn(mint(mints.clone(), minter, SESSIONS / MINTERS)));
        }
        let mut tokens = VecDeque::new();
        for minted in minting {
            tokens.extend(minted.await??);
        }
        Ok(Self { address: mints.address, headers, tokens: Arc::new(Mutex::new(tokens)) })
    }

    pub(crate) async fn run(&self, clients: usize, length: Duration) -> anyhow::Result<Tally> {
        let end = Instant::now() + length;
        let clients: Vec<_> = (0..clients).map(|_| tokio::spawn(self.clone().drive(end))).collect();
        let mut sum = Tally::default();
        for client in clients {
            sum.done += client.await??;
        }
        Ok(sum)
    }

    async fn drive(self, end: Instant) -> anyhow::Result<u64> {
        let mut connection = Connection::open(self.address).await?;
        let mut done = 0;
        while Instant::now() < end {
            let token = self.take().context("more clients than sessions")?;
            let body = serde_json::json!({ "tenant": "demo", "refresh_token": token, "user_agent": BROWSER });
            let request = load::request("POST /internal/refresh", &self.headers, &body.to_string());
            let (status, body) = connection.ask(&request).await?;
            anyhow::ensure!(status == 200, "answered {status} {}", String::from_utf8_lossy(body));
            let next = refresh_token(body)?;
            anyhow::ensure!(next != token, "the last answer was given again");
            self.give_back(next);
            done += 1;
        }
        Ok(done)
    }

    fn take(&self) -> Option<String> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn give_back(&self, token: String) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).push_back(token);
    }
}

async fn mint(mints: Http, first: usize, count: usize) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(mints.address).await?;
    let mut tokens = Vec::new();
    for request in mints.requests.iter().cycle().skip(first).take(count) {
        let (status, body) = connection.ask(request).await?;
        anyhow::ensure!(status == mints.status, "answered {status} {}", String::from_utf8_lossy(body));
        tokens.push(refresh_token(body)?);
    }
    Ok(tokens)
}

/// The refresh token among the cookies of an answer.
fn refresh_token(body: &[u8]) -> anyhow::Result<String> {
    let answer: Answer =
        serde_json::from_slice(body).with_context(|| format!("no cookies in {}", String::from_utf8_lossy(body)))?;
    let line = answer.set_cookie.get(1).context("no refresh token")?;
    let value = line.split_once('=').and_then(|(_, rest)| rest.split(';').next());
    Ok(value.context("no refresh token")?.to_owned())
}
