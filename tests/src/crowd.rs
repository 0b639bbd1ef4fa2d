//! People who are signed in and keep asking for pages, all the while that something is done to the keys.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use sealgate_shared::id::SessionId;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::browser::Browser;
use crate::stack::Stack;
use crate::wait::{until, within};

/// How many requests are under way at a time.
const CLIENTS: usize = 8;

/// The running crowd. It grows, and each of its sessions is asked for in turn, round after round.
#[derive(Debug)]
pub struct Crowd {
    members: Arc<RwLock<Vec<Arc<Member>>>>,
    /// How many rounds each client has finished.
    rounds: Arc<[AtomicUsize; CLIENTS]>,
    closing: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    clients: JoinSet<()>,
    joined: usize,
}

/// One session.
#[derive(Debug)]
struct Member {
    browser: Browser,
    id: SessionId,
    actor: String,
    kid: String,
    fate: Mutex<Fate>,
}

/// What a session is to be answered. It only ever moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Let in.
    Live,
    /// It has been ended, and not everybody may have heard of it.
    Ending,
    /// Refused: everybody must have heard.
    Ended,
    /// It is over and asks no more.
    Gone,
}

/// What the crowd was answered.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub requests: usize,
    /// How often a token was let in, by the id of the key that signed it.
    pub let_in: BTreeMap<String, usize>,
    /// How many answers refused a session that had been ended, as they should.
    pub refused: usize,
    /// Answers that refused a live session, or were about somebody else.
    pub spurious: Vec<String>,
    /// Answers that let a session in that everybody must know has ended.
    pub let_in_late: Vec<String>,
}

impl Crowd {
    /// Signs `size` people in, who begin to ask.
    pub async fn gather(stack: &Stack, size: usize) -> Self {
        let mut crowd = Self {
            members: Arc::default(),
            rounds: Arc::new(std::array::from_fn(|_| AtomicUsize::new(0))),
            closing: Arc::default(),
            tally: Arc::default(),
            clients: JoinSet::new(),
            joined: 0,
        };
        crowd.join(stack, size).await;
        for client in 0..CLIENTS {
            crowd.clients.spawn(ask_in_turn(
                client,
                Arc::clone(&crowd.members),
                Arc::clone(&crowd.rounds),
                Arc::clone(&crowd.closing),
                Arc::clone(&crowd.tally),
            ));
        }
        crowd
    }

    /// Signs `size` more people in; they ask with the others from now on. Answers which keys signed their tokens.
    pub async fn join(&mut self, stack: &Stack, size: usize) -> Vec<String> {
        let stranger = match self.read().first() {
            // One pool of connections is enough for all.
            Some(member) => member.browser.clone(),
            None => stack.browser(),
        };
        let mut kids = Vec::new();
        for _ in 0..size {
            let actor = format!("person-{}", self.joined);
            self.joined += 1;
            let minted = stack.origin.mint(&actor).await;
            let mut browser = stranger.clone();
            browser.cookies.clear();
            browser.keep_session(&minted);
            let kid = kid_of(&minted);
            kids.push(kid.clone());
            let id = minted["session"]["id"].as_str().unwrap().parse().expect("it is the id of a session");
            let member = Member { browser, id, actor, kid, fate: Mutex::new(Fate::Live) };
            self.members.write().unwrap().push(Arc::new(member));
        }
        kids
    }

    /// Sends the `size` people home who have been there for longest, before their tokens expire.
    pub fn leave(&self, size: usize) {
        let members = self.read();
        let present = members.iter().filter(|member| member.fate() == Fate::Live);
        for member in present.take(size) {
            member.meet(Fate::Gone);
        }
    }

    /// From now on, this is what becomes of the sessions whose tokens that key signed; which they are.
    pub fn meet(&self, kid: &str, fate: Fate) -> Vec<SessionId> {
        let members = self.read();
        let signed = members.iter().filter(|member| member.kid == kid && member.fate() != Fate::Gone);
        signed.inspect(|member| member.meet(fate)).map(|member| member.id).collect()
    }

    /// How many live sessions each key has signed.
    pub fn live_by_key(&self) -> BTreeMap<String, usize> {
        let mut keys = BTreeMap::new();
        for member in self.read().iter().filter(|member| member.fate() == Fate::Live) {
            *keys.entry(member.kid.clone()).or_default() += 1;
        }
        keys
    }

    /// Waits until everybody has asked once more, and been answered.
    pub async fn everybody_asks(&self) {
        let read = || self.rounds.each_ref().map(|rounds| rounds.load(Ordering::SeqCst));
        let before = read();
        until("everybody to be answered", async || {
            // The round that is under way may have begun before the call.
            before.iter().zip(read()).all(|(before, after)| after >= before + 2).then_some(())
        })
        .await;
    }

    /// Waits for the last answers, and tells what all of them were.
    pub async fn disperse(mut self) -> Tally {
        self.closing.store(true, Ordering::SeqCst);
        within("the last answers", async { while self.clients.join_next().await.is_some() {} }).await;
        std::mem::take(&mut *self.tally.lock().unwrap())
    }

    fn read(&self) -> Vec<Arc<Member>> {
        self.members.read().unwrap().clone()
    }
}

impl Member {
    fn fate(&self) -> Fate {
        *self.fate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn meet(&self, fate: Fate) {
        let mut held = self.fate.lock().unwrap();
        *held = fate.max(*held);
    }

    /// Asks for a page; `None` when it is let in as who it is, and otherwise what came instead.
    async fn ask(&self) -> Option<String> {
        let response = match self.browser.request(Method::GET, "/page").send().await {
            Ok(response) => response,
            Err(error) => return Some(format!("no answer: {error}")),
        };
        let status = response.status();
        let body = response.text().await.unwrap_or_default();
        let seen: Value = serde_json::from_str(&body).unwrap_or_default();
        let headers = seen["headers"].as_array().cloned().unwrap_or_default();
        let is_me = headers.iter().any(|header| header[0] == "x-sealgate-actor-id" && header[1] == *self.actor);
        if status == StatusCode::OK && is_me { None } else { Some(format!("{status} {body}")) }
    }
}

/// Goes round every [`CLIENTS`]th of the members until the crowd disperses.
async fn ask_in_turn(
    client: usize,
    members: Arc<RwLock<Vec<Arc<Member>>>>,
    rounds: Arc<[AtomicUsize; CLIENTS]>,
    closing: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
) {
    while !closing.load(Ordering::SeqCst) {
        let mine: Vec<_> = members.read().unwrap().iter().skip(client).step_by(CLIENTS).cloned().collect();
        let mine: Vec<_> = mine.into_iter().filter(|member| member.fate() != Fate::Gone).collect();
        for member in &mine {
            let before = member.fate();
            let refused = member.ask().await;
            tally.lock().unwrap().count(member, before, refused);
        }
        rounds[client].fetch_add(1, Ordering::SeqCst);
        if mine.is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Tally {
    /// Judges an answer by what was to become of the session before the question and what is now, so that it does not
    /// matter what the story does meanwhile.
    fn count(&mut self, member: &Member, before: Fate, refused: Option<String>) {
        self.requests += 1;
        let story = || format!("{} ({})", member.actor, member.kid);
        match refused {
            None if before == Fate::Ended => self.let_in_late.push(story()),
            None => *self.let_in.entry(member.kid.clone()).or_default() += 1,
            Some(answer) if member.fate() == Fate::Live => self.spurious.push(format!("{}: {answer}", story())),
            // One that asks as it leaves may find its token expired.
            Some(_) if member.fate() == Fate::Gone => {}
            Some(_) => self.refused += 1,
        }
    }

    /// Adds what another crowd was answered.
    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.refused += other.refused;
        self.spurious.extend(other.spurious);
        self.let_in_late.extend(other.let_in_late);
        for (kid, count) in other.let_in {
            *self.let_in.entry(kid).or_default() += count;
        }
    }
}

/// The id of the key that signed the access token.
fn kid_of(minted: &Value) -> String {
    let line = minted["set_cookie"][0].as_str().expect("the access token comes first");
    format!("sk-{}", line.split('.').nth(1).expect("a token names its key"))
}
