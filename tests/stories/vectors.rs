//! The test vectors, through the built Worker: what the Rust crate and the Python script say, the door does.

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::key::SigningKey;
use sealgate_shared::keyring::{KeyringDocument, PublishedKey};
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::edge::{Edge, EdgeConfig, repository};
use sealgate_tests::relay::Relay;
use sealgate_tests::stub::StubOrigin;
use sealgate_tests::upstream::Upstream;
use serde_json::{Value, json};

#[tokio::test]
async fn the_built_wasm_agrees_with_every_vector_a_cookie_can_carry() {
    let vectors = read();
    let world = World::start(&vectors).await;
    let travels = |case: &&Value| case["cookie"] == true;
    let tokens = list(&vectors["tokens"]).iter().filter(travels);
    let tokens = tokens.map(|case| (case, format!("__Host-sg={}", text(&case["token"]))));
    let headers = list(&vectors["cookie_headers"]).iter().filter(travels);
    let headers = headers.map(|case| (case, text(&case["header"]).to_owned()));
    let mut run = 0;
    for (case, cookie) in tokens.chain(headers) {
        world.expect(case, &cookie).await;
        run += 1;
    }
    assert!(run >= 300, "only {run} cases can travel in a cookie");
}

/// HTTP/2 may split the header, and whoever speaks it joins the lines again before the Worker sees them. In HTTP/1.1
/// nobody may, and what a server makes of it is its own affair: so nothing is promised but that nobody is mistaken for
/// somebody else.
#[tokio::test]
async fn cookies_in_several_lines_are_read_rightly_or_refused() {
    let vectors = read();
    let world = World::start(&vectors).await;
    let split = list(&vectors["cookie_headers"]).iter().filter(|case| case["lines"].is_array());
    let mut run = 0;
    for case in split {
        let lines: Vec<&str> = list(&case["lines"]).iter().map(text).collect();
        let answer = world.ask(case, &lines).await;
        match case["expect"]["ok"]["session"].as_str() {
            Some(session) if answer.status == 200 => {
                assert_eq!(answer.seen("x-sealgate-session").as_deref(), Some(session), "{}", case["name"]);
            }
            _ => assert_eq!(answer.status, 401, "{}", case["name"]),
        }
        run += 1;
    }
    assert!(run >= 10, "only {run} cases have several lines");
}

/// A flood of them costs no MAC, as the vectors show, and no question: neither about keys nor about sessions.
#[tokio::test]
async fn tokens_of_keys_that_are_retired_or_revoked_ask_nobody() {
    let vectors = read();
    let world = World::start(&vectors).await;
    let tokens = list(&vectors["tokens"]).iter().filter(|case| case["cookie"] == true);
    let named = |case: &&Value, names: &[&str]| names.iter().any(|name| text(&case["name"]).starts_with(name));
    let (dead, others): (Vec<_>, Vec<_>) = tokens.partition(|case| named(case, &["key-retired", "key-revoked"]));
    let cookie = |case: &Value| format!("__Host-sg={}", text(&case["token"]));
    let good = others.iter().find(|case| case["name"] == "worked-example").unwrap();
    world.expect(good, &cookie(good)).await;
    let asked = world.origin.requests();
    // So late that whoever has a good token, or one under a key that nobody knows, makes us ask.
    world.edge.set_clock(UnixMillis::new(good["now_ms"].as_u64().unwrap() + 60_000).unwrap()).await;
    for case in &dead {
        let browser = Browser::new(world.edge.address(), &host(text(&case["tenant"])));
        let answer = browser.with_header("cookie", &cookie(case)).get("/").await;
        assert_eq!((answer.status.as_u16(), &*answer.code()), (401, text(&case["expect"]["reject"])), "{case}");
        assert!(answer.set_cookies().is_empty(), "{case}: {answer:?}");
    }
    assert!(dead.len() >= 20, "only {} cases", dead.len());
    assert_eq!(world.origin.requests(), asked);
    let unknown = others.iter().find(|case| case["name"] == "kid-unknown").unwrap();
    let browser = Browser::new(world.edge.address(), &host("demo"));
    assert_eq!(browser.with_header("cookie", &cookie(unknown)).get("/").await.code(), "unknown_kid");
    assert_eq!(world.origin.requests(), asked + 1, "it does ask about what it does not know");
}

/// Whatever passes the filter is shown to the origin, and nothing else is. The stub does not know what to make of it, so
/// nobody is let in.
#[tokio::test]
async fn the_built_wasm_agrees_with_every_refresh_token_a_cookie_can_carry() {
    let (vectors, refresh) = (read(), read_file("refresh.json"));
    let world = World::start(&vectors).await;
    let tenants: Vec<&str> = list(&vectors["ring"]["keys"]).iter().map(|key| text(&key["tenant"])).collect();
    let travels = |case: &&Value| case["cookie"] == true && tenants.contains(&text(&case["tenant"]));
    let tokens = list(&refresh["tokens"]).iter().filter(travels);
    let tokens = tokens.map(|case| (case, format!("__Host-sg_refresh={}", text(&case["token"]))));
    let headers = list(&refresh["cookie_headers"]).iter().filter(travels);
    let headers = headers.map(|case| (case, text(&case["header"]).to_owned()));
    let (mut shown, mut kept) = (0, 0);
    for (case, cookie) in tokens.chain(headers).filter(|(case, _)| !names_access(case)) {
        let (name, before) = (text(&case["name"]), world.relay.count("/internal/refresh"));
        let lines = [cookie.as_str()];
        let answer = world.ask(case, if cookie.is_empty() { &[] } else { &lines }).await;
        let asked = world.relay.count("/internal/refresh") - before;
        match case["expect"]["reject"].as_str() {
            None => {
                assert_eq!((asked, answer.status.as_u16()), (1, 503), "{name}: {answer:?}");
                assert!(answer.set_cookies().is_empty(), "{name}: {answer:?}");
                shown += 1;
            }
            Some(label) => {
                let told = if ["ambiguous_session", "unknown_kid"].contains(&label) { label } else { "missing" };
                assert_eq!((asked, answer.status.as_u16(), &*answer.code()), (0, 401, told), "{name}");
                kept += 1;
            }
        }
    }
    assert!(shown >= 50 && kept >= 130, "only {shown} tokens were shown to the origin, and {kept} were not");
}

/// Whether the case has an access token, too, or what looks like one: that is another matter.
fn names_access(case: &Value) -> bool {
    case["header"].as_str().is_some_and(|header| header.contains("__Host-sg="))
}

struct World {
    edge: Edge,
    origin: StubOrigin,
    relay: Relay,
    _upstream: Upstream,
}

impl World {
    async fn start(vectors: &Value) -> Self {
        let upstream = Upstream::start().await;
        let secret = EdgeSecret::new(Secret32::new([9; 32]));
        let origin = StubOrigin::start(document(&vectors["ring"]), "edge".parse().unwrap(), secret).await;
        let relay = Relay::start().await;
        relay.turn_to(origin.address());
        let mut tenants: Vec<&str> = list(&vectors["tokens"]).iter().map(|case| text(&case["tenant"])).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let tenant =
            |id: &&str| json!({ "id": id, "hosts": [host(id)], "upstream": upstream.address(), "assertion": false });
        let settings = json!({
            "edge": "edge",
            "origin_public": origin.address(),
            "origin_private": relay.address(),
            "tenants": tenants.iter().map(tenant).collect::<Vec<_>>(),
        });
        let secret = Secret32::new([9; 32]).expose_base64url();
        let edge = Edge::start(&EdgeConfig { settings, secret, upstream_secrets: String::new() }).await;
        Self { edge, origin, relay, _upstream: upstream }
    }

    async fn expect(&self, case: &Value, cookie: &str) {
        let (name, lines) = (text(&case["name"]), [cookie]);
        let answer = self.ask(case, if cookie.is_empty() { &[] } else { &lines }).await;
        match (case["edge_answers"].as_str(), case["expect"]["reject"].as_str()) {
            (Some(code), _) => assert_eq!((answer.status.as_u16(), answer.code().as_str()), (431, code), "{name}"),
            (None, Some(label)) => assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, label), "{name}"),
            (None, None) => assert_identity(name, &case["expect"]["ok"], &answer),
        }
    }

    async fn ask(&self, case: &Value, lines: &[&str]) -> Answer {
        self.edge.set_clock(UnixMillis::new(case["now_ms"].as_u64().unwrap()).unwrap()).await;
        let browser = Browser::new(self.edge.address(), &host(text(&case["tenant"])));
        lines.iter().fold(browser, |browser, line| browser.with_header("cookie", line)).get("/").await
    }
}

fn assert_identity(name: &str, claims: &Value, answer: &Answer) {
    assert_eq!(answer.status, 200, "{name}: {answer:?}");
    let seconds = |field: &str| (claims[field].as_u64().unwrap() / 1_000).to_string();
    for (header, expected) in [
        ("x-sealgate-session", text(&claims["session"]).to_owned()),
        ("x-sealgate-tenant", text(&claims["tenant"]).to_owned()),
        ("x-sealgate-actor-type", text(&claims["actor_type"]).to_owned()),
        ("x-sealgate-actor-id", text(&claims["actor_id"]).to_owned()),
        ("x-sealgate-assurance", claims["assurance"].to_string()),
        ("x-sealgate-authenticated-at", seconds("authenticated_at_ms")),
        ("x-sealgate-expires-at", seconds("expires_at_ms")),
    ] {
        assert_eq!(answer.seen(header), Some(expected), "{name}: {header}");
    }
    let roles: Vec<&str> = list(&claims["roles"]).iter().map(text).collect();
    assert_eq!(answer.seen("x-sealgate-roles").unwrap_or_default(), roles.join(","), "{name}");
}

pub(crate) fn read() -> Value {
    read_file("v1.json")
}

fn read_file(name: &str) -> Value {
    let file = repository().join("shared/tests/vectors").join(name);
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

pub(crate) fn document(ring: &Value) -> KeyringDocument {
    KeyringDocument {
        version: ring["version"].as_u64().unwrap(),
        max_lifetime_ms: ring["max_lifetime_ms"].as_u64().unwrap(),
        keys: list(&ring["keys"]).iter().map(published_key).collect(),
    }
}

/// What an edge is given of the key.
fn published_key(key: &Value) -> PublishedKey {
    let signing = signing_key(key);
    match text(&key["state"]) {
        "verifying" => signing.publish(),
        "retired" => signing.publish_retired(),
        "revoked" => PublishedKey::revoked(signing.id(), signing.tenant().clone()),
        other => panic!("state {other}"),
    }
}

pub(crate) fn signing_key(key: &Value) -> SigningKey {
    let id = format!("sk-{}", text(&key["kid"])).parse().unwrap();
    let secret = unhex(text(&key["signing_key"])).try_into().unwrap();
    SigningKey::new(id, text(&key["tenant"]).parse().unwrap(), Secret32::new(secret))
}

pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let byte = |position: usize| u8::from_str_radix(&digits[2 * position..2 * position + 2], 16).unwrap();
    (0..digits.len() / 2).map(byte).collect()
}

fn host(tenant: &str) -> String {
    format!("{tenant}.test")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}
