//! Sign-ins that are completed: a browser comes back from the provider, the origin exchanges the code, checks the ID token
//! and mints the session. The provider answers from memory, and its time does not count.

mod provider;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::load::{self, Connection};
use crate::subject::Tally;
use provider::Provider;

/// How many are under way when a measurement begins: more than come back while it lasts, for each second.
const PREPARED: f64 = 4_000.0;
/// How many begin at once.
const BEGINNERS: usize = 8;
/// The name under which the origin knows the provider, and under which the provider knows the origin.
const PROVIDER: &str = "bench";
const CLIENT: &str = "sealgate-bench";
const SECRET: &str = "SECRET_OF_THE_BENCHMARK";
/// What has to be in the environment of the origin.
pub(crate) const ENVIRONMENT: (&str, &str) = (SECRET, "of the benchmark");

/// Sign-ins under way, and the provider that they wait for.
#[derive(Clone, Debug)]
pub(crate) struct Callbacks {
    origin: SocketAddr,
    /// The edge's credential and what else it says.
    headers: String,
    provider: Arc<Provider>,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Requests that complete one each.
    requests: VecDeque<Vec<u8>>,
    /// How many have begun so far.
    begun: u32,
}

impl Callbacks {
    /// Starts the provider. The origin is told of it by [`Self::settings`] and answers at that address.
    pub(crate) fn start(origin: SocketAddr) -> anyhow::Result<Self> {
        let provider = Arc::new(Provider::start(CLIENT)?);
        Ok(Self { origin, headers: String::new(), provider, waiting: Arc::default() })
    }

    /// The settings file of the origin.
    pub(crate) fn settings(&self) -> String {
        let issuer = self.provider.issuer();
        format!(
            "[[oidc]]\ntenant = \"demo\"\nid = \"{PROVIDER}\"\nname = \"Bench\"\nissuer = \"{issuer}\"\n\
             client_id = \"{CLIENT}\"\nclient_secret_env = \"{SECRET}\"\n"
        )
    }

    /// With the header that proves the edge.
    pub(crate) fn behind(mut self, edge: &str) -> Self {
        self.headers = format!(
            "{edge}X-Sealgate-Tenant: demo\r\nX-Sealgate-Host: demo.test\r\nX-Sealgate-Proto: https\r\n\
             X-Sealgate-Client-Ip-Source: cf-connecting-ip\r\n"
        );
        self
    }

    /// Begins as many sign-ins as may be completed in that time.
    pub(crate) async fn prepare(&self, length: Duration) -> anyhow::Result<()> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
        let wanted = (PREPARED * length.as_secs_f64().max(0.1)) as usize;
        let beginners: Vec<_> = (0..BEGINNERS).map(|_| tokio::spawn(self.clone().begin(wanted))).collect();
        for beginner in beginners {
            beginner.await??;
        }
        Ok(())
    }

    async fn begin(self, wanted: usize) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.origin).await?;
        while self.waiting().requests.len() < wanted {
            let headers = self.headers_of_somebody();
            let line = format!("GET /auth/oidc/{PROVIDER}/login?return_to=/orders");
            let (status, body) = connection.ask(&load::request(&line, &headers, "")).await?;
            anyhow::ensure!(status == 303, "answered {status} {}", String::from_utf8_lossy(body));
            let head = String::from_utf8_lossy(connection.last()).into_owned();
            let request = find(&head, "location: ").context("nobody is sent anywhere")?;
            let cookie = find(&head, "set-cookie: ").and_then(|line| line.split(';').next()).context("no cookie")?;
            let back = self.provider.authorize(request)?;
            let line = format!("GET /auth/oidc/{PROVIDER}/callback?{back}");
            let request = load::request(&line, &format!("{headers}Cookie: {cookie}\r\n"), "");
            self.waiting().requests.push_back(request);
        }
        Ok(())
    }

    /// Each from an address of its own, as people come.
    fn headers_of_somebody(&self) -> String {
        let mut waiting = self.waiting();
        waiting.begun += 1;
        let [_, a, b, c] = waiting.begun.to_be_bytes();
        let mut headers = self.headers.clone();
        write!(headers, "X-Sealgate-Client-Ip: 10.{a}.{b}.{c}\r\n").expect("a text takes it all");
        headers
    }

    pub(crate) async fn run(&self, clients: usize, length: Duration) -> anyhow::Result<Tally> {
        let (end, provider) = (Instant::now() + length, self.provider.cpu_time()?);
        let driving: Vec<_> = (0..clients).map(|_| tokio::spawn(self.clone().drive(end))).collect();
        let mut sum = Tally::default();
        for client in driving {
            sum.done += client.await??;
        }
        let used = self.provider.cpu_time()?.saturating_sub(provider);
        // Each client has waited for its own share of it.
        sum.excluded = used / u32::try_from(clients).context("too many clients")?;
        Ok(sum)
    }

    async fn drive(self, end: Instant) -> anyhow::Result<u64> {
        let mut connection = Connection::open(self.origin).await?;
        let mut done = 0;
        while Instant::now() < end {
            let request = self.waiting().requests.pop_front().context("more sign-ins than were begun")?;
            let (status, body) = connection.ask(&request).await?;
            anyhow::ensure!(status == 303, "answered {status} {}", String::from_utf8_lossy(body));
            done += 1;
        }
        Ok(done)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rest of the first line that begins so.
fn find<'h>(head: &'h str, beginning: &str) -> Option<&'h str> {
    head.lines()
        .find_map(|line| line.get(..beginning.len())?.eq_ignore_ascii_case(beginning).then(|| &line[beginning.len()..]))
}
