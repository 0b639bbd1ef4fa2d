//! The assertion: what the application believes that the edge has sent a request.

mod checks;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, crypto, encode};
use sealgate_origin::clock::Clock;
use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::edge::{Edge, EdgeConfig};
use sealgate_tests::raw;
use sealgate_tests::recorder::Recorder;
use sealgate_tests::stack::{DEMO, OTHER, OTHER_UPSTREAM_SECRET, Stack, UPSTREAM_SECRET};
use sealgate_tests::upstream::Upstream;
use sealgate_tests::wait::until;
use serde_json::{Value, json};

const HEADER: &str = "x-sealgate-assertion";

/// The one assertion that arrived with a request.
fn arrived(answer: &Answer) -> String {
    let mut all = answer.seen_all(HEADER);
    assert_eq!(all.len(), 1, "{answer:?}");
    all.remove(0)
}

fn claims(assertion: &str) -> Value {
    let payload = assertion.split('.').nth(1).expect("it has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn is_signed_with(assertion: &str, secret: &str) -> bool {
    let (message, signature) = assertion.rsplit_once('.').unwrap();
    crypto::sign(message.as_bytes(), &key(secret), Algorithm::HS256).unwrap() == signature
}

fn key(secret: &str) -> EncodingKey {
    EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(secret).unwrap())
}

#[tokio::test]
async fn it_says_what_the_headers_say() {
    let stack = Stack::start().await;
    let minted = stack.origin.mint_with("ada", json!({ "roles": ["writer", "admin"], "assurance": 2 })).await;
    let mut ada = stack.browser();
    ada.keep_session(&minted);
    let page = ada.get("/").await;
    let said = claims(&arrived(&page));
    let seen = |name: &str| page.seen(&format!("x-sealgate-{name}")).unwrap();
    assert_eq!(said["sid"], seen("session"));
    assert_eq!(said["tenant"], seen("tenant"));
    assert_eq!(said["actor_type"], seen("actor-type"));
    assert_eq!(said["sub"], seen("actor-id"));
    assert_eq!(said["assurance"].to_string(), seen("assurance"));
    assert_eq!(said["auth_time"].to_string(), seen("authenticated-at"));
    assert_eq!(said["roles"], json!(["admin", "writer"]));
    assert_eq!(seen("roles"), "admin,writer");
    assert_eq!((&said["iss"], &said["aud"]), (&json!("sealgate"), &json!("demo")));
    let now = stack.now().as_secs();
    assert_eq!((&said["iat"], &said["exp"]), (&json!(now), &json!(now + 60)));
    let (mut bob, _) = stack.signed_in("bob").await;
    assert_eq!(claims(&arrived(&bob.get("/").await))["roles"], json!([]));
}

#[tokio::test]
async fn it_arrives_with_a_session_and_nowhere_else_and_never_from_a_client() {
    let [application, origin] = [Recorder::start().await, Recorder::start().await];
    let stack = Stack::start_with(|settings| {
        settings["tenants"][0]["upstream"] = json!(application.address());
        settings["origin_public"] = json!(origin.address());
    })
    .await;
    let (ada, _) = stack.signed_in("ada").await;
    let cookie = format!("Cookie: {}", ada.cookie_header());
    let clients_own = [
        "x-sealgate-assertion",
        "X-Sealgate-Assertion",
        "X-SEALGATE-ASSERTION",
        "x_sealgate_assertion",
        "X_Sealgate-Assertion",
        "x-sealgate_assertion",
    ]
    .map(|name| format!("{name}: forged"))
    .join("\r\n");
    for lines in [vec![&cookie], vec![&cookie, &clients_own], vec![&clients_own], vec![&clients_own, &cookie]] {
        for path in ["/", "/page", "/public", "/public/page", "/auth/session", "/auth/login"] {
            let head = lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\r\n");
            let request = format!("GET {path} HTTP/1.1\r\nHost: {DEMO}\r\n{head}\r\n\r\n");
            raw::exchange(stack.edge.address(), &raw::bytes(&request)).await;
            let (at_application, at_origin) = (application.take(), origin.take());
            let is_session = !path.starts_with("/public") && !path.starts_with("/auth");
            let is_signed_in = lines.contains(&&cookie);
            let reaches = if path.starts_with("/auth") { &at_origin } else { &at_application };
            assert_eq!(reaches.len(), usize::from(!is_session || is_signed_in), "{path} {lines:?}");
            for message in at_application.iter().chain(&at_origin) {
                assert_eq!(message.all(HEADER).len(), usize::from(is_session), "{path} {message:?}");
                assert!(!format!("{message:?}").contains("forged"), "{path} {message:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_session_gets_the_same_for_half_a_minute_and_then_another() {
    let stack = Stack::start().await;
    let ((mut ada, _), (mut bob, _)) = (stack.signed_in("ada").await, stack.signed_in("bob").await);
    let first = arrived(&ada.get("/").await);
    assert_ne!(arrived(&bob.get("/").await), first);
    stack.advance(Duration::from_secs(29)).await;
    assert_eq!(arrived(&ada.get("/page").await), first);
    stack.advance(Duration::from_secs(1)).await;
    let second = arrived(&ada.get("/page").await);
    assert_ne!(second, first);
    assert_eq!(claims(&second)["iat"], stack.now().as_secs());
    assert_eq!(arrived(&ada.get("/").await), second);
}

#[tokio::test]
async fn it_never_outlives_the_access_token() {
    let stack = Stack::start().await;
    let (mut ada, _) = stack.signed_in("ada").await;
    let expires_at: u64 = ada.get("/").await.seen("x-sealgate-expires-at").unwrap().parse().unwrap();
    // Seconds before the token ends, and how long before it the assertion does.
    for (left, earlier) in [(120, 60), (61, 1), (31, 0), (1, 0)] {
        stack.advance(Duration::from_secs(expires_at - left - stack.now().as_secs())).await;
        let said = claims(&arrived(&ada.get("/").await));
        assert_eq!(said["exp"], expires_at - earlier, "{left} s left: {said}");
    }
}

#[tokio::test]
async fn each_application_has_a_secret_of_its_own_and_the_audience_it_was_given() {
    let stack = Stack::start_with(|settings| settings["tenants"][1]["audience"] = json!("https://other.test")).await;
    let (mut ada, _) = stack.signed_in("ada").await;
    let demo = arrived(&ada.get("/").await);
    let other = arrived(&sign_in_at_other(&stack).await.get("/").await);
    assert!(is_signed_with(&demo, UPSTREAM_SECRET) && !is_signed_with(&demo, OTHER_UPSTREAM_SECRET));
    assert!(is_signed_with(&other, OTHER_UPSTREAM_SECRET) && !is_signed_with(&other, UPSTREAM_SECRET));
    assert_eq!((&claims(&demo)["aud"], &claims(&demo)["tenant"]), (&json!("demo"), &json!("demo")));
    assert_eq!((&claims(&other)["aud"], &claims(&other)["tenant"]), (&json!("https://other.test"), &json!("other")));
}

async fn sign_in_at_other(stack: &Stack) -> Browser {
    let mut browser = Browser::new(stack.edge.address(), OTHER);
    let mut form = browser.clone().with_header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(form.post("/auth/login", "name=ada&return_to=/").await.status, 303);
    browser.cookies = form.cookies;
    browser
}

/// An edge with one tenant, `shop`, whose application nobody asks for a session.
async fn edge(tenant: Value, upstream_secrets: Value) -> (Edge, Upstream) {
    let upstream = Upstream::start().await;
    let mut settings = json!({
        "edge": "dev", "origin_public": "http://127.0.0.1:9", "origin_private": "http://127.0.0.1:9",
        "tenants": [{
            "id": "shop", "upstream": upstream.address(), "routes": [{ "path": "/public", "policy": "public" }],
        }],
    });
    settings["tenants"][0].as_object_mut().unwrap().extend(tenant.as_object().unwrap().clone());
    let upstream_secrets = if upstream_secrets.is_null() { String::new() } else { upstream_secrets.to_string() };
    let config = EdgeConfig { settings, secret: "A".repeat(43), upstream_secrets };
    (Edge::start(&config).await, upstream)
}

#[tokio::test]
async fn a_secret_that_is_missing_or_wrong_is_503_and_named_in_the_log_without_being_shown() {
    let (public, local) = (json!(["shop.test"]), json!(["localhost:8787", "shop.localhost"]));
    let mixed = json!(["localhost", "shop.test"]);
    let (secret, padded) = (json!({ "shop": UPSTREAM_SECRET }), json!({ "shop": format!("{UPSTREAM_SECRET}=") }));
    for (tenant, secrets, named) in [
        (json!({ "hosts": public }), json!(null), "tenant shop has no secret in SEALGATE_UPSTREAM_SECRETS"),
        (json!({ "hosts": public }), json!({}), "tenant shop has no secret in SEALGATE_UPSTREAM_SECRETS"),
        (json!({ "hosts": mixed }), json!(null), "tenant shop has no secret in SEALGATE_UPSTREAM_SECRETS"),
        (json!({ "hosts": local, "assertion": true }), json!(null), "tenant shop has no secret"),
        (json!({ "hosts": public, "assertion": false }), secret.clone(), "tenant shop has a secret"),
        (json!({ "hosts": public }), json!({ "shop": UPSTREAM_SECRET, "shap": UPSTREAM_SECRET }), "names shap"),
        (json!({ "hosts": public }), padded, "SEALGATE_UPSTREAM_SECRETS must be"),
        (json!({ "hosts": public }), json!(UPSTREAM_SECRET), "SEALGATE_UPSTREAM_SECRETS must be"),
    ] {
        let host = tenant["hosts"][0].as_str().unwrap().to_owned();
        let (edge, upstream) = edge(tenant, secrets).await;
        for path in ["/", "/public", "/auth/session"] {
            let answer = Browser::new(edge.address(), &host).get(path).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "misconfigured"), "{named}");
        }
        let log = until("the log", async || Some(edge.log()).filter(|log| log.contains("sealgate:"))).await;
        assert!(log.contains(named) && !log.contains(UPSTREAM_SECRET), "{named}: {log}");
        assert_eq!(upstream.requests(), 0);
    }
    for (tenant, secrets) in [
        (json!({ "hosts": public }), secret.clone()),
        (json!({ "hosts": local }), secret),
        (json!({ "hosts": local }), json!(null)),
        (json!({ "hosts": public, "assertion": false }), json!(null)),
    ] {
        let host = tenant["hosts"][0].as_str().unwrap().to_owned();
        let (edge, _upstream) = edge(tenant, secrets).await;
        assert_eq!(Browser::new(edge.address(), &host).get("/public").await.status, 200, "{}", edge.log());
    }
}

#[tokio::test]
async fn neither_secret_nor_assertion_is_in_the_edges_log() {
    let stack = Stack::start().await;
    let (ada, _) = stack.signed_in("ada").await;
    let page = ada.with_header("x-answer-with", "set-cookie: __Host-sg=planted; Path=/").get("/").await;
    let assertion = arrived(&page);
    let log = until("a warning", async || Some(stack.edge.log()).filter(|log| log.contains("dropped 1"))).await;
    for secret in [UPSTREAM_SECRET, OTHER_UPSTREAM_SECRET, &assertion, assertion.rsplit_once('.').unwrap().1] {
        assert!(!log.contains(secret), "{log}");
    }
}

/// What no application may believe, and the reason that each check gives: Node's, Python's and Rust's.
fn bad_ones(good: &str, expired: &str, others: &str, access_token: &str) -> Vec<(String, [&'static str; 3])> {
    const SIGNATURE: [&str; 3] = ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "InvalidSignatureError", "InvalidSignature"];
    const MISSING: [&str; 3] = ["ERR_JWT_CLAIM_VALIDATION_FAILED", "MissingRequiredClaimError", "MissingRequiredClaim"];
    const ALGORITHM: [&str; 3] = ["ERR_JOSE_ALG_NOT_ALLOWED", "InvalidAlgorithmError", "InvalidAlgorithm"];
    const PARTS: [&str; 3] = ["ERR_JWS_INVALID", "DecodeError", "Base64"];
    let [header, payload, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let bent = if signature.starts_with('A') { "B" } else { "A" }.to_owned() + &signature[1..];
    let said = claims(good);
    let with = |name: &str, value: Value| {
        let mut said = said.clone();
        said[name] = value;
        said
    };
    let without = |name: &str| {
        let mut said = said.clone();
        said.as_object_mut().unwrap().remove(name).expect("it was there");
        said
    };
    let sign = |said: Value, algorithm, secret| encode(&Header::new(algorithm), &said, &key(secret)).unwrap();
    let resign = |said: Value| sign(said, Algorithm::HS256, UPSTREAM_SECRET);
    let eve = URL_SAFE_NO_PAD.encode(with("sub", json!("eve")).to_string());
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    vec![
        (format!("{header}.{payload}.{bent}"), SIGNATURE),
        (format!("{header}.{payload}."), SIGNATURE),
        (format!("{header}.{eve}.{signature}"), SIGNATURE),
        (others.to_owned(), SIGNATURE),
        (sign(said.clone(), Algorithm::HS256, OTHER_UPSTREAM_SECRET), SIGNATURE),
        (expired.to_owned(), ["ERR_JWT_EXPIRED", "ExpiredSignatureError", "ExpiredSignature"]),
        (
            resign(with("aud", json!("other"))),
            ["ERR_JWT_CLAIM_VALIDATION_FAILED", "InvalidAudienceError", "InvalidAudience"],
        ),
        (
            resign(with("iss", json!("somebody"))),
            ["ERR_JWT_CLAIM_VALIDATION_FAILED", "InvalidIssuerError", "InvalidIssuer"],
        ),
        (resign(without("aud")), MISSING),
        (resign(without("iss")), MISSING),
        (resign(without("exp")), MISSING),
        (sign(said.clone(), Algorithm::HS512, UPSTREAM_SECRET), ALGORITHM),
        (format!("{none}.{payload}."), [ALGORITHM[0], ALGORITHM[1], "Json"]),
        (format!("{none}.{payload}.{signature}"), [ALGORITHM[0], ALGORITHM[1], "Json"]),
        (access_token.to_owned(), PARTS),
        (String::new(), [PARTS[0], PARTS[1], "InvalidToken"]),
        (format!("{good}, {good}"), PARTS),
    ]
}

#[tokio::test]
async fn the_checks_of_the_document_believe_what_the_edge_sent_and_nothing_else() {
    // The libraries go by the machine's own clock.
    let clock = Clock::system();
    let stack = Stack::start_at(clock.now().minus(70_000)).await;
    let (mut ada, session) = stack.signed_in("ada").await;
    let expired = arrived(&ada.get("/").await);
    stack.advance(Duration::from_millis(clock.now().since(stack.now()))).await;
    let good = arrived(&ada.get("/").await);
    let others = arrived(&sign_in_at_other(&stack).await.get("/").await);

    let bad = bad_ones(&good, &expired, &others, &ada.cookies["__Host-sg"]);
    let assertions: Vec<_> = [Some(good.clone()), None]
        .into_iter()
        .chain(bad.iter().map(|(assertion, _)| Some(assertion.clone())))
        .collect();
    let said = [
        checks::ask_node(UPSTREAM_SECRET, &assertions).await,
        checks::ask_python(UPSTREAM_SECRET, &assertions).await,
        checks::ask_rust(UPSTREAM_SECRET, &assertions),
    ];
    for (library, said) in said.iter().enumerate() {
        let [believed, absent, refused @ ..] = said.as_slice() else { panic!("{said:?}") };
        let believed = believed.as_ref().unwrap_or_else(|why| panic!("{library}: {why}"));
        for (name, value) in [("tenant", "demo"), ("actor_type", "user"), ("sub", "ada")] {
            assert_eq!(believed[name], value, "{library}");
        }
        assert_eq!((&believed["sid"], &believed["roles"]), (&session["id"], &json!([])), "{library}");
        assert!(absent.is_err(), "{library}");
        assert_eq!(refused.len(), bad.len());
        for ((assertion, reasons), refused) in bad.iter().zip(refused) {
            let why = refused.as_ref().expect_err(assertion);
            assert!(why.starts_with(reasons[library]), "{library}: {why}, not {}: {assertion}", reasons[library]);
        }
    }
}
