//! The same crate twice, compiled for this machine and as the built WebAssembly: whatever comes, both say the same.
//! `usize` has half the bits there, and wasm-opt has been over it.

use std::collections::BTreeSet;
use std::fs;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Payload};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sealgate_edge::door::{Answer, Door};
use sealgate_edge::errand::{Asked, Errand, Keep, Outcome};
use sealgate_edge::guard::SetCookies;
use sealgate_edge::refusal::Refusal;
use sealgate_edge::request::{Browsing, Incoming};
use sealgate_edge::settings::Settings;
use sealgate_edge::sign_in;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::key::{Purpose, SigningKey};
use sealgate_shared::revocation::{Head, Position};
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_tests::edge::{Edge, EdgeConfig, repository};
use sealgate_tests::scale;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::vectors::{document, list, read, signing_key, text, unhex};

/// When most of the vectors are good.
const NOW: u64 = 1_800_000_000_000;

/// Which random changes are made. Another number makes others.
const SEED: u64 = 0x5EA1_6A7E;

/// What was sent along with every question.
const CHALLENGE: &str = "challenge";

/// How many calls go into one request.
const BATCH: usize = 500;

#[tokio::test]
async fn this_machine_and_the_built_wasm_agree_on_requests() {
    let vectors = read();
    let mut pair = Pair::start(&vectors).await;
    let inputs = with_changes([texts_of(&vectors), of_corpora(&["cookie_header", "token", "claims", "path"])].concat());
    let key = signing_key(&list(&vectors["ring"]["keys"])[0]);
    for input in &inputs {
        for call in calls(input, &key) {
            pair.call(call).await;
        }
    }
    pair.compare().await;
    // That they agree says little if all they ever said is no.
    let admitted = pair.seen.iter().filter(|answer| answer.starts_with("forward session")).count();
    let labels: BTreeSet<_> = pair.seen.iter().filter(|answer| answer.starts_with("refuse ")).collect();
    assert!(admitted >= 40, "{admitted} different sessions were let through");
    assert!(labels.len() >= 11, "only {labels:?}");
    println!("{} inputs, {} calls, {} different answers", inputs.len(), pair.called, pair.seen.len());
}

#[tokio::test]
async fn this_machine_and_the_built_wasm_agree_on_keyrings() {
    let vectors = read();
    let mut pair = Pair::start(&vectors).await;
    let mut taken = 0;
    for content in with_changes([contents_of(&vectors), of_corpora(&["keyring"])].concat()) {
        let sealed = seal(&content);
        for document in [content, sealed] {
            // An older ring than the one held would be refused unread.
            pair.call(Call::Load).await;
            taken +=
                usize::from(pair.call(Call::Absorb { errand: Errand::Keyring, document, at: NOW }).await == "keyring");
        }
    }
    pair.compare().await;
    // Without what the fuzzers have found there are fewer.
    assert!(taken >= 10, "{taken} rings were taken");
    println!("{} calls, {taken} rings taken", pair.called);
}

/// What one input is made into: everything that a stranger sends.
fn calls(input: &[u8], key: &SigningKey) -> Vec<Call> {
    let text = &*String::from_utf8_lossy(input);
    let url = |path: &str| format!("https://demo.test{path}");
    let gate = |url: String, cookie: String, now: u64| Call::Gate { url, cookie, now };
    let (token, claims) = (format!("__Host-sg={text}"), format!("__Host-sg={}", sign(input, key)));
    vec![
        gate(url("/"), text.to_owned(), NOW),
        gate(url("/"), token.clone(), NOW),
        gate(url("/a"), token, NOW + 840_000),
        gate(url("/"), claims.clone(), NOW),
        gate(url("/auth/x"), claims, NOW - 5_001),
        gate(url(text), String::new(), NOW),
        gate(url(&format!("/public/{text}")), String::new(), NOW),
        gate(text.to_owned(), String::new(), NOW),
        Call::Refuse { url: url(&format!("/{text}")), cookie: format!("__Host-sg_detour={text}") },
        Call::Guard { lines: format!("{text}\n__Host-sg={text}; Path=/; Secure; HttpOnly; SameSite=Lax") },
    ]
}

#[derive(Debug)]
enum Call {
    Load,
    Gate { url: String, cookie: String, now: u64 },
    Refuse { url: String, cookie: String },
    Guard { lines: String },
    Absorb { errand: Errand, document: Vec<u8>, at: u64 },
    Settled { url: String, cookie: String, now: u64, outcome: String },
}

impl Call {
    /// As the entry module makes it.
    fn to_json(&self) -> Value {
        let (name, args) = match self {
            Self::Load => ("load", json!([settings(), secret().expose_base64url(), ""])),
            Self::Gate { url, cookie, now } => ("gate", json!([url, "GET", cookie, "", "", now])),
            Self::Settled { url, cookie, now, outcome } => ("gate", json!([url, "GET", cookie, "", outcome, now])),
            Self::Refuse { url, cookie } => ("refuse", json!(["missing", url, "GET", cookie, "text/html", "navigate"])),
            Self::Guard { lines } => ("guard", json!(["https://demo.test/", lines, "", "", "", NOW])),
            Self::Absorb { errand, document, at } => {
                ("absorb", json!([errand.to_string(), 200, { "bytes": document }, 0, at, CHALLENGE]))
            }
        };
        json!({ "name": name, "args": args })
    }

    /// The same, as `edge/worker/src/gate.rs` does it.
    fn run(&self, door: &mut Door) -> String {
        let mut decide = |url, cookie, now: u64, outcome| {
            let incoming = Incoming { url, method: "GET", cookie, headers: "", now: moment(now) };
            door.decide(&incoming, Outcome::parse(outcome)).to_string()
        };
        match self {
            Self::Load => {
                *door = Door::new(Settings::parse(&settings(), &secret().expose_base64url(), "").unwrap());
                String::new()
            }
            Self::Gate { url, cookie, now } => decide(url, cookie, *now, ""),
            Self::Settled { url, cookie, now, outcome } => decide(url, cookie, *now, outcome),
            Self::Refuse { url, cookie } => {
                let incoming = Incoming { url, method: "GET", cookie, headers: "", now: UnixMillis::MAX };
                let browsing = Browsing { accept: "text/html", fetch_mode: "navigate" };
                sign_in::answer(Refusal::Missing.into(), &incoming, &browsing, Some(&door.settings)).to_string()
            }
            Self::Guard { lines } => {
                let lines: Vec<&str> = lines.split('\n').collect();
                let answer = SetCookies { url: "https://demo.test/", lines: &lines, age: "", cache_control: "" };
                door.guard(&answer, None, moment(NOW)).to_string()
            }
            Self::Absorb { errand, document, at } => {
                let answer = Answer { status: 200, body: document, left: 0 };
                door.absorb(errand, answer, &Asked { at: moment(*at), challenge: CHALLENGE }).to_string()
            }
        }
    }

    /// What follows when the answer is that the feed must be read: nothing was revoked.
    fn settled(&self, answer: &str) -> Option<[Self; 2]> {
        let Self::Gate { url, cookie, now } = self else { return None };
        let errand: Errand = answer.strip_prefix("need ")?.parse().ok()?;
        let outcome = Outcome::Feed(Keep::Too).to_string();
        let read =
            matches!(errand, Errand::Head { .. }).then(|| Self::Absorb { errand, document: head(), at: *now })?;
        Some([read, Self::Settled { url: url.clone(), cookie: cookie.clone(), now: *now, outcome }])
    }
}

fn settings() -> String {
    let tenant = |id: &str, host: &str| {
        let routes = json!([{ "path": "/public", "policy": "public" }, { "path": "/public/a", "policy": "session" }]);
        json!({ "id": id, "hosts": [host], "routes": routes, "assertion": false })
    };
    let settings = json!({
        "edge": "edge",
        "origin_public": "http://origin.test",
        "origin_private": "http://origin.test",
        "tenants": [tenant("demo", "demo.test"), tenant("acme", "acme.test")],
    });
    settings.to_string()
}

fn head() -> Vec<u8> {
    let position = Position { epoch: 1, sequence: 0 };
    let head =
        Head { challenge: CHALLENGE.to_owned(), position, after: 0, keyring: 0, snapshot: 0, entries: Vec::new() };
    head.seal(&"edge".parse().unwrap(), &EdgeSecret::new(secret()), [3; 12])
}

fn secret() -> Secret32 {
    Secret32::new([9; 32])
}

/// The two builds, in the same state.
struct Pair {
    native: Door,
    wasm: Edge,
    waiting: Vec<(Call, String)>,
    seen: BTreeSet<String>,
    called: usize,
}

impl Pair {
    async fn start(vectors: &Value) -> Self {
        let config = serde_json::from_str(&settings()).unwrap();
        let wasm = Edge::start(&EdgeConfig {
            settings: config,
            secret: secret().expose_base64url(),
            upstream_secrets: String::new(),
        })
        .await;
        let native = Door::new(Settings::parse(&settings(), &secret().expose_base64url(), "").unwrap());
        let mut pair = Self { native, wasm, waiting: Vec::new(), seen: BTreeSet::new(), called: 0 };
        let ring = document(&vectors["ring"]);
        let sealed = ring.seal(&"edge".parse().unwrap(), &EdgeSecret::new(secret()), [1; 12]);
        assert_eq!(pair.call(Call::Load).await, "");
        assert_eq!(pair.call(Call::Absorb { errand: Errand::Keyring, document: sealed, at: NOW }).await, "keyring");
        pair
    }

    /// What this machine says; what the other one says is looked at when enough calls have come together.
    async fn call(&mut self, call: Call) -> String {
        let answer = call.run(&mut self.native);
        let next = call.settled(&answer);
        self.waiting.push((call, answer.clone()));
        for next in next.into_iter().flatten() {
            let answer = next.run(&mut self.native);
            self.waiting.push((next, answer));
        }
        if self.waiting.len() >= BATCH {
            self.compare().await;
        }
        answer
    }

    async fn compare(&mut self) {
        let calls: Vec<_> = self.waiting.iter().map(|(call, _)| call.to_json()).collect();
        let answers = self.wasm.call_all(&calls).await;
        assert_eq!(answers.len(), calls.len());
        self.called += calls.len();
        for ((call, native), wasm) in self.waiting.drain(..).zip(answers) {
            assert_eq!(native, wasm, "{call:?}");
            self.seen.insert(native);
        }
    }
}

/// The inputs, and random changes of them.
fn with_changes(mut inputs: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut random = Random(SEED);
    for _ in 0..scale::count(2_000, 60_000) {
        let input = random.change(&inputs);
        inputs.push(input);
    }
    inputs
}

/// Tokens, claims and headers.
fn texts_of(vectors: &Value) -> Vec<Vec<u8>> {
    let field = |of: &str, name: &'static str| {
        list(&vectors[of]).iter().map(move |case| text(&case[name]).to_owned()).collect::<Vec<_>>()
    };
    let tokens = field("tokens", "token");
    let claims: Vec<_> =
        tokens.iter().filter_map(|token| URL_SAFE_NO_PAD.decode(token.split('.').nth(2)?).ok()).collect();
    let texts = [tokens, field("cookie_headers", "header")].concat();
    texts.into_iter().map(String::into_bytes).chain(claims).collect()
}

/// What is in those keyring documents that open, which is more than those that are good.
fn contents_of(vectors: &Value) -> Vec<Vec<u8>> {
    let open = |case: &Value| {
        let sealed = unhex(text(&case["sealed"]));
        let (nonce, sealed) = sealed.get(1..)?.split_first_chunk::<12>()?;
        let aad = format!("sealgate/v1/keyring\0{}", text(&case["edge"]));
        cipher(&unhex(text(&case["secret"]))).decrypt(nonce.into(), Payload { msg: sealed, aad: aad.as_bytes() }).ok()
    };
    list(&vectors["keyring_documents"]).iter().filter_map(open).collect()
}

/// Seals any content to the edge of these stories.
fn seal(content: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: content, aad: b"sealgate/v1/keyring\0edge" };
    let sealed = cipher(secret().expose()).encrypt(&[2; 12].into(), payload).unwrap();
    [&[1][..], &[2; 12], &sealed].concat()
}

fn cipher(secret: &[u8]) -> Aes256Gcm {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(b"sealgate/v1/edge"), secret).expand(b"seal", &mut key).unwrap();
    Aes256Gcm::new(&key.into())
}

/// What the fuzzers have found worth keeping, where they have run.
fn of_corpora(targets: &[&str]) -> Vec<Vec<u8>> {
    let folders = targets.iter().filter_map(|target| fs::read_dir(repository().join("fuzz/corpus").join(target)).ok());
    let mut inputs: Vec<_> = folders.flatten().map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    // The order of a folder is nobody's promise, and the random changes depend on it.
    inputs.sort();
    inputs.truncate(scale::count(2_000, usize::MAX));
    // Some fuzzers' inputs begin with a byte of their own.
    let cut = inputs.iter().filter_map(|input| input.get(1..)).map(<[u8]>::to_vec).collect();
    [inputs, cut].concat()
}

/// A token whose claims are these bytes, under a MAC that holds.
fn sign(claims: &[u8], key: &SigningKey) -> String {
    let kid = key.id().to_string();
    let signed = format!("v1.{}.{}", kid.strip_prefix("sk-").unwrap(), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.derive(Purpose::Access).expose()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn moment(milliseconds: u64) -> UnixMillis {
    UnixMillis::new(milliseconds).unwrap()
}

/// Marsaglia's xorshift64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// One of the inputs, with a few changes.
    fn change(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut input = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(3) {
            let position = self.below(input.len());
            let byte = u8::try_from(self.below(256)).unwrap();
            match self.below(5) {
                _ if input.is_empty() => input.push(byte),
                0 => input[position] ^= 1 << (byte % 8),
                1 => input[position] = byte,
                2 => input.insert(position, byte),
                3 => drop(input.remove(position)),
                _ => {
                    let other = &inputs[self.below(inputs.len())];
                    input.truncate(position);
                    input.extend(&other[self.below(other.len())..]);
                }
            }
        }
        input
    }
}
