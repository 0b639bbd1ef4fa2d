//! Those who mint, revoke and rotate, all at once, until the origin is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::{Method, RequestBuilder, StatusCode};
use sealgate_tests::process::Installation;
use sealgate_tests::wait::within;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Chance;
use super::ledger::{Asked, Held, Keys, Ledger};

const MINTERS: u64 = 4;
const REVOKERS: u64 = 3;
/// One in so many changes of keys is a revocation.
const KEY_REVOCATIONS: u64 = 4;
/// Others change something about so often before keys are changed once more: a command after the other would keep them
/// from the database.
const CHANGES_BETWEEN: u64 = 8;

/// Nobody is signed in twice.
static NAMES: AtomicUsize = AtomicUsize::new(0);

/// Those at work.
pub(super) struct Load {
    workers: JoinSet<()>,
    doomed: watch::Sender<bool>,
}

#[derive(Clone)]
struct Worker {
    installation: Arc<Installation>,
    ledger: Ledger,
    /// Whether the origin is about to be killed: from then on no answer is no mistake.
    doomed: watch::Receiver<bool>,
}

/// Sets everybody to work.
pub(super) fn begin(installation: &Arc<Installation>, ledger: &Ledger, chance: &mut Chance) -> Load {
    let (doomed, watched) = watch::channel(false);
    let worker = Worker { installation: Arc::clone(installation), ledger: ledger.clone(), doomed: watched };
    let mut workers = JoinSet::new();
    for _ in 0..MINTERS {
        workers.spawn(worker.clone().mint_all(chance.fork()));
    }
    for _ in 0..REVOKERS {
        workers.spawn(worker.clone().revoke_all(chance.fork()));
    }
    workers.spawn(worker.change_keys(chance.fork()));
    Load { workers, doomed }
}

impl Load {
    /// The origin is killed next. Whoever is changing keys is killed as well.
    pub(super) fn doom(&self) {
        self.doomed.send_replace(true);
    }

    /// Waits until everybody has noticed that the origin is gone.
    pub(super) async fn end(mut self) {
        within("everybody to notice", async {
            while let Some(ended) = self.workers.join_next().await {
                ended.unwrap();
            }
        })
        .await;
    }
}

impl Worker {
    /// Signs people in, one after the other, each once or twice.
    async fn mint_all(self, mut chance: Chance) {
        loop {
            let actor = format!("person-{}", NAMES.fetch_add(1, Ordering::SeqCst));
            let mut sessions = Vec::new();
            let wanted = 1 + chance.below(2);
            for _ in 0..wanted {
                let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": actor });
                let request = self.installation.ask(Method::POST, "/v1/sessions").json(&body);
                let Some(minted) = self.answer(request, StatusCode::CREATED).await else {
                    return self.ledger.add(actor, sessions);
                };
                self.ledger.count_session();
                sessions.push(hold(&minted));
            }
            self.ledger.add(actor, sessions);
        }
    }

    /// Revokes one person's sessions after the other: one of them, or all by the person's name.
    async fn revoke_all(mut self, mut chance: Chance) {
        while !*self.doomed.borrow() {
            let choose = |count: usize| usize::try_from(chance.below(count as u64)).unwrap();
            let Some((number, person)) = self.ledger.take(choose) else {
                // Nobody is left to be signed out.
                tokio::select! {
                    _ = self.doomed.wait_for(|doomed| *doomed) => return,
                    () = self.ledger.wait_for_change() => continue,
                }
            };
            let session = (chance.below(2) == 0).then_some(0).filter(|_| !person.sessions.is_empty());
            let path = match session {
                Some(session) => format!("/v1/sessions/{}", person.sessions[session].id),
                None => format!("/v1/actors/user/{}/sessions", person.actor),
            };
            self.ledger.revoke(number, session, Asked::InDoubt);
            let request = self.installation.ask(Method::DELETE, &path);
            if self.answer(request, StatusCode::OK).await.is_none() {
                return;
            }
            self.ledger.revoke(number, session, Asked::Acknowledged);
        }
    }

    /// Rotates keys by the command line, and revokes the active one now and then.
    async fn change_keys(mut self, mut chance: Chance) {
        loop {
            let others = chance.below(CHANGES_BETWEEN);
            tokio::select! {
                _ = self.doomed.wait_for(|doomed| *doomed) => return,
                () = self.ledger.wait_for_changes(others) => {}
            }
            let active = self.ledger.keys().active;
            let revokes = chance.below(KEY_REVOCATIONS) == 0;
            let words = if revokes {
                self.ledger.revoke_key(&active, Asked::InDoubt);
                format!("keys revoke {active} --json")
            } else {
                "keys rotate --tenant demo --now --json".to_owned()
            };
            let mut command = self.installation.command(&words);
            let output = tokio::select! {
                biased;
                // Dropped, the process is killed.
                _ = self.doomed.wait_for(|doomed| *doomed) => return,
                output = command.output() => output.unwrap(),
            };
            if !output.status.success() {
                return self.ledger.complain(format!("{words}: {}", String::from_utf8_lossy(&output.stderr)));
            }
            let done: Value = serde_json::from_slice(&output.stdout).unwrap();
            let name = |field: &str| done[field].as_str().unwrap().to_owned();
            if revokes {
                self.ledger.revoke_key(&active, Asked::Acknowledged);
            }
            self.ledger.change_keys(Keys { active: name("active"), pending: name("pending") });
        }
    }

    /// The answer, if the origin is there to give one.
    async fn answer(&self, request: RequestBuilder, expected: StatusCode) -> Option<Value> {
        let answered = async {
            let response = request.send().await?;
            let status = response.status();
            Ok::<_, reqwest::Error>((status, response.text().await?))
        };
        match answered.await {
            Ok((status, body)) if status == expected => Some(serde_json::from_str(&body).unwrap()),
            Ok((status, body)) => {
                self.ledger.complain(format!("{status}: {body}"));
                None
            }
            Err(error) => {
                if !*self.doomed.borrow() {
                    self.ledger.complain(format!("no answer: {error:?}"));
                }
                None
            }
        }
    }
}

fn hold(minted: &Value) -> Held {
    let line = minted["set_cookie"][0].as_str().expect("the access token comes first");
    let token = line.split(';').next().unwrap().split_once('=').expect("a cookie has a name").1.to_owned();
    let kid = format!("sk-{}", token.split('.').nth(1).expect("a token names its key"));
    let id = minted["session"]["id"].as_str().expect("a session has an id").to_owned();
    Held { id, token, kid, revoked: Asked::No }
}
