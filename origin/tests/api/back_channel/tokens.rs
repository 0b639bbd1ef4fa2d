//! Which logout tokens hold (OpenID Connect Back-Channel Logout 1.0 §2.6), and why the others do not.

use std::time::Duration;

use sealgate_test_provider::{Algorithm, CLIENT_ID, CLIENT_SECRET, Draft, Endpoint, Key, encode};
use serde_json::{Value, json};

use super::Site;

/// Ways to make a token of one that would hold, and why it does not.
type Forgery = (&'static str, fn(&Draft, u64) -> String);

#[expect(clippy::needless_pass_by_value, reason = "it is written where it is called")]
fn claims(draft: &Draft, claims: Value) -> String {
    draft.clone().claims(&claims).sign()
}

#[expect(clippy::needless_pass_by_value, reason = "it is written where it is called")]
fn header(draft: &Draft, header: Value) -> String {
    draft.clone().header(&header).sign()
}

const FORGERIES: &[Forgery] = &[
    // The form of the token.
    ("malformed", |_, _| String::new()),
    ("malformed", |_, _| "a.b".to_owned()),
    ("malformed", |_, _| "a.b.c".to_owned()),
    ("malformed", |draft, _| format!("{}.more", draft.sign())),
    ("malformed", |draft, _| format!("{}=", draft.sign())),
    ("malformed", |draft, _| format!("%20{}", draft.sign())),
    ("malformed", |_, _| format!("{}.e30.AA", encode("{}"))),
    ("malformed", |draft, _| header(draft, json!({ "crit": ["exp"] }))),
    ("malformed", |draft, _| header(draft, json!({ "cty": "JWT" }))),
    ("malformed", |draft, _| draft.sign_these(r#"{"alg":"RS256","kid":"rsa"}"#, "[]")),
    // Its type.
    ("malformed", |draft, _| header(draft, json!({ "typ": "at+jwt" }))),
    ("malformed", |draft, _| header(draft, json!({ "typ": "secevent+jwt" }))),
    ("malformed", |draft, _| header(draft, json!({ "typ": 7 }))),
    // The algorithm.
    ("algorithm", |draft, _| header(draft, json!({ "alg": "none" }))),
    ("algorithm", |draft, _| format!("{}.", header(draft, json!({ "alg": "none" })).rsplit_once('.').unwrap().0)),
    ("algorithm", |draft, _| draft.clone().header(&json!({ "alg": "HS256" })).mac(CLIENT_SECRET.as_bytes())),
    ("algorithm", |draft, _| draft.clone().header(&json!({ "alg": "HS256" })).mac(&Key::Rsa.public_bytes())),
    ("algorithm", |draft, _| header(draft, json!({ "alg": "ES512" }))),
    // The key, and the signature.
    ("key_unknown", |draft, _| header(draft, json!({ "kid": "invented" }))),
    ("key_unknown", |draft, _| header(draft, json!({ "alg": "ES256" }))),
    ("signature", |draft, _| draft.sign_with(Key::OtherRsa, Algorithm::Rs256)),
    ("signature", |draft, _| draft.with_signature([])),
    ("signature", |draft, _| draft.with_signature([0; 256])),
    ("signature", |draft, _| {
        let whole = draft.sign();
        let (signed, signature) = whole.rsplit_once('.').unwrap();
        let other = encode(json!({ "sub": "eve" }).to_string());
        format!("{}.{other}.{signature}", signed.split_once('.').unwrap().0)
    }),
    // Who says it, and to whom.
    ("issuer", |draft, _| claims(draft, json!({ "iss": null }))),
    ("issuer", |draft, _| claims(draft, json!({ "iss": "https://evil.example" }))),
    ("audience", |draft, _| claims(draft, json!({ "aud": null }))),
    ("audience", |draft, _| claims(draft, json!({ "aud": "another-client" }))),
    ("audience", |draft, _| claims(draft, json!({ "aud": [CLIENT_ID, "another-client"] }))),
    // When.
    ("issued_at", |draft, _| claims(draft, json!({ "iat": null }))),
    ("issued_at", |draft, now| claims(draft, json!({ "iat": now + 61 }))),
    ("issued_at", |draft, now| claims(draft, json!({ "iat": now - 24 * 3_600 - 1, "exp": now + 60 }))),
    ("expired", |draft, _| claims(draft, json!({ "exp": null }))),
    ("expired", |draft, now| claims(draft, json!({ "iat": now - 180, "exp": now - 60 }))),
    // That it is a logout.
    ("events", |draft, _| claims(draft, json!({ "events": null }))),
    ("events", |draft, _| {
        claims(draft, json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": null } }))
    }),
    ("events", |draft, _| claims(draft, json!({ "events": "http://schemas.openid.net/event/backchannel-logout" }))),
    ("nonce", |draft, _| claims(draft, json!({ "nonce": "n" }))),
    // Of whom.
    ("subject", |draft, _| claims(draft, json!({ "sub": null }))),
    ("subject", |draft, _| claims(draft, json!({ "sub": 7 }))),
    ("subject", |draft, _| claims(draft, json!({ "sub": "ada\u{0}" }))),
    // Its name.
    ("token_id", |draft, _| claims(draft, json!({ "jti": null }))),
    ("token_id", |draft, _| claims(draft, json!({ "jti": "" }))),
];

#[tokio::test]
async fn every_check_has_a_token_that_fails_it() {
    let site = Site::start().await;
    let session = site.sign_in("ada", "ada", Some("s-1")).await;
    for (number, (reason, forge)) in FORGERIES.iter().enumerate() {
        // So that each is written down, and keys may be asked for again.
        site.origin.wait(Duration::from_secs(11));
        let now = site.origin.clock.now().as_secs();
        let answer = site.tell(&forge(&site.provider.logout(&json!({})), now)).await;
        assert_eq!(answer.status, 400, "{number} {reason}: {}", answer.text());
        assert_eq!(answer.json(), json!({ "error": "invalid_request" }), "{number} {reason}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let noted = site.notes().await;
        assert_eq!(noted.len(), number + 1, "{number} {reason}");
        let expected = ("back_channel.refused".to_owned(), format!("login {reason}"));
        assert_eq!(noted.last(), Some(&expected), "{number}");
    }
    let database = site.origin.database().await;
    assert_eq!(database.number("select count(*) from oidc_logouts").await, 0, "none is remembered");
    assert_eq!(database.number("select count(*) from sessions where revoked_at is not null").await, 0);
    let metrics = site.origin.private("GET", "/metrics").send().await.text();
    let counted = format!("sealgate_back_channel_logouts_total{{outcome=\"refused\"}} {}\n", FORGERIES.len());
    assert!(metrics.contains(&counted), "{metrics}");
    site.log_out(json!({})).await;
    assert_ne!(site.origin.check(&session).await, "live", "a good one still works");
}

#[tokio::test]
async fn what_the_specification_allows_holds() {
    let site = Site::start().await;
    site.provider.plan(|plan| plan.published = vec![Key::Rsa, Key::P256, Key::P384, Key::Ed25519]);
    let now = site.origin.clock.now().as_secs();
    let usual = || site.provider.logout(&json!({}));
    for (name, token) in [
        ("as usual", usual().sign()),
        ("without a type", usual().header(&json!({ "typ": null })).sign()),
        ("of the type of older providers", usual().header(&json!({ "typ": "JWT" })).sign()),
        ("of its type in full", usual().header(&json!({ "typ": "application/logout+jwt" })).sign()),
        ("for us in a list", usual().claims(&json!({ "aud": [CLIENT_ID] })).sign()),
        ("by a clock that is ahead", usual().claims(&json!({ "iat": now + 60 })).sign()),
        ("just over", usual().claims(&json!({ "iat": now - 100, "exp": now - 59 })).sign()),
        ("by RSA-PSS", usual().sign_with_header(Key::Rsa, Algorithm::Ps512)),
        ("by P-256", usual().sign_with_header(Key::P256, Algorithm::Es256)),
        ("by P-384", usual().sign_with_header(Key::P384, Algorithm::Es384)),
        ("by Ed25519", usual().sign_with_header(Key::Ed25519, Algorithm::EdDsa)),
    ] {
        let answer = site.tell(&token).await;
        assert_eq!(answer.status, 200, "{name}: {:?}", site.notes().await.last());
    }
}

trait SignAs {
    fn sign_with_header(self, key: Key, algorithm: Algorithm) -> String;
}

impl SignAs for Draft {
    /// Signed with that key, as the header says.
    fn sign_with_header(self, key: Key, algorithm: Algorithm) -> String {
        self.header(&json!({ "kid": key.id(), "alg": algorithm.name() })).sign_with(key, algorithm)
    }
}

#[tokio::test]
async fn the_body_is_a_form_with_one_token() {
    let site = Site::start().await;
    let token = site.provider.logout(&json!({})).sign();
    for form in [String::new(), "token=x".to_owned(), format!("logout_token={token}&logout_token={token}")] {
        let answer = site.post(&form).send().await;
        assert_eq!((answer.status.as_u16(), answer.json()), (400, json!({ "error": "invalid_request" })), "{form}");
    }
    let json = site.post("").json(&json!({ "logout_token": token })).send().await;
    assert_eq!((json.status.as_u16(), json.json()), (400, json!({ "error": "invalid_request" })));
    let more = site.post(&format!("more=1&logout_token={token}")).send().await;
    assert_eq!(more.status, 200, "other fields are not ours to know");
}

#[tokio::test]
async fn an_id_token_is_no_logout_token() {
    let site = Site::start().await;
    let session = site.sign_in("ada", "ada", Some("s-1")).await;
    // All that a logout token has but the event, and signed as well.
    let id_token = site.provider.logout(&json!({ "events": null, "nonce": "n", "sid": "s-1" }));
    assert_eq!(site.tell(&id_token.header(&json!({ "typ": "JWT" })).sign()).await.status, 400);
    assert_eq!(site.origin.check(&session).await, "live");
}

#[tokio::test]
async fn new_keys_of_the_provider_are_learnt() {
    let site = Site::start().await;
    site.log_out(json!({})).await;
    site.provider.plan(|plan| {
        plan.key = Key::OtherRsa;
        plan.published = vec![Key::OtherRsa];
    });
    // By the name of the key, at once.
    let rotated = site.provider.logout(&json!({})).header(&json!({ "kid": Key::OtherRsa.id() })).sign();
    assert_eq!(site.tell(&rotated).await.status, 200, "{:?}", site.notes().await.last());
    assert_eq!(site.provider.count(Endpoint::Keys), 2);
    // Without a name: because no known key has signed it.
    site.provider.behave();
    site.origin.wait(Duration::from_secs(10));
    let unnamed = site.provider.logout(&json!({})).header(&json!({ "kid": null })).sign();
    assert_eq!(site.tell(&unnamed).await.status, 200, "{:?}", site.notes().await.last());
    assert_eq!(site.provider.count(Endpoint::Keys), 3);
    // Inventions have it asked no more often than that.
    for number in 0..50 {
        let invented = site.provider.logout(&json!({})).header(&json!({ "kid": format!("k-{number}") })).sign();
        assert_eq!(site.tell(&invented).await.status, 400);
    }
    assert_eq!(site.provider.count(Endpoint::Keys), 3);
}

#[tokio::test]
async fn what_was_taken_is_remembered_as_long_as_it_could_be_taken() {
    let site = Site::start().await;
    let now = site.origin.clock.now().as_secs();
    let short = site.provider.logout(&json!({ "jti": "short" })).sign();
    let long = site.provider.logout(&json!({ "jti": "long", "exp": now + 7 * 24 * 3_600 })).sign();
    for token in [&short, &long] {
        assert_eq!(site.tell(token).await.status, 200);
    }
    let settings = sealgate_origin::office::HousekeepingSettings::default();
    let remembered = async || {
        site.origin.app.office().housekeep(&settings).await;
        site.origin.database().await.number("select count(*) from oidc_logouts").await
    };
    site.origin.wait(Duration::from_secs(3_599));
    assert_eq!(remembered().await, 2, "sign-ins that began before them are kept out as long");
    site.origin.wait(Duration::from_secs(1));
    assert_eq!(remembered().await, 1);
    assert_eq!(site.tell(&short).await.status, 400, "and could not be taken any more");
    site.origin.wait(Duration::from_hours(23));
    assert_eq!(remembered().await, 1);
    site.origin.wait(Duration::from_secs(1));
    assert_eq!(remembered().await, 0);
    assert_eq!(site.tell(&long).await.status, 400, "whatever it says of its end");
}

#[tokio::test]
async fn nobody_fills_the_audit_table_with_refusals() {
    let site = Site::start().await;
    for _ in 0..100 {
        let answer = site.post("logout_token=x").client("203.0.113.7").send().await;
        assert_eq!(answer.status, 400);
    }
    assert_eq!(site.notes().await.len(), 30);
    let metrics = site.origin.private("GET", "/metrics").send().await.text();
    assert!(metrics.contains("sealgate_back_channel_logouts_total{outcome=\"refused\"} 100\n"), "{metrics}");
}
