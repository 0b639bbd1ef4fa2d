//! The test vectors, through the built Worker: what the Rust crate and the Python script say, the door does.

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::key::SigningKey;
use sealgate_shared::keyring::KeyringDocument;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::edge::{Edge, EdgeConfig, repository};
use sealgate_tests::stub::StubOrigin;
use sealgate_tests::upstream::Upstream;
use serde_json::{Value, json};

#[tokio::test]
async fn the_built_wasm_agrees_with_every_vector_a_cookie_can_carry() {
    let vectors = read();
    let world = World::start(&vectors).await;
    let tokens = list(&vectors["tokens"]).iter().filter(|case| case["cookie"] == true);
    let tokens = tokens.map(|case| (case, format!("__Host-sg={}", text(&case["token"]))));
    let headers = list(&vectors["cookie_headers"]).iter().map(|case| (case, text(&case["header"]).to_owned()));
    let mut run = 0;
    for (case, cookie) in tokens.chain(headers) {
        world.expect(case, &cookie).await;
        run += 1;
    }
    assert!(run >= 200, "only {run} cases can travel in a cookie");
}

struct World {
    edge: Edge,
    _origin: StubOrigin,
    _upstream: Upstream,
}

impl World {
    async fn start(vectors: &Value) -> Self {
        let upstream = Upstream::start().await;
        let secret = EdgeSecret::new(Secret32::new([9; 32]));
        let origin = StubOrigin::start(document(&vectors["ring"]), "edge".parse().unwrap(), secret).await;
        let mut tenants: Vec<&str> = list(&vectors["tokens"]).iter().map(|case| text(&case["tenant"])).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let tenant = |id: &&str| json!({ "id": id, "hosts": [host(id)], "upstream": upstream.address() });
        let settings = json!({
            "edge": "edge",
            "origin_public": origin.address(),
            "origin_private": origin.address(),
            "tenants": tenants.iter().map(tenant).collect::<Vec<_>>(),
        });
        let secret = Secret32::new([9; 32]).expose_base64url();
        let edge = Edge::start(&EdgeConfig { settings, secret }).await;
        Self { edge, _origin: origin, _upstream: upstream }
    }

    async fn expect(&self, case: &Value, cookie: &str) {
        let name = text(&case["name"]);
        self.edge.set_clock(UnixMillis::new(case["now_ms"].as_u64().unwrap()).unwrap()).await;
        let mut browser = Browser::new(self.edge.address(), &host(text(&case["tenant"])));
        if !cookie.is_empty() {
            browser = browser.with_header("cookie", cookie);
        }
        let answer = browser.get("/").await;
        match case["expect"]["reject"].as_str() {
            Some(label) => assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, label), "{name}"),
            None => assert_identity(name, &case["expect"]["ok"], &answer),
        }
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

fn read() -> Value {
    let file = repository().join("shared/tests/vectors/v1.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn document(ring: &Value) -> KeyringDocument {
    let key = |key: &Value| {
        let id = format!("sk-{}", text(&key["kid"])).parse().unwrap();
        let secret = Secret32::new(unhex(text(&key["signing_key"])));
        SigningKey::new(id, text(&key["tenant"]).parse().unwrap(), secret).publish()
    };
    KeyringDocument {
        version: ring["version"].as_u64().unwrap(),
        max_lifetime_ms: ring["max_lifetime_ms"].as_u64().unwrap(),
        keys: list(&ring["keys"]).iter().map(key).collect(),
    }
}

fn unhex(digits: &str) -> [u8; 32] {
    let byte = |position: usize| u8::from_str_radix(&digits[2 * position..2 * position + 2], 16).unwrap();
    std::array::from_fn(byte)
}

fn host(tenant: &str) -> String {
    format!("{tenant}.test")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}
