//! ID tokens with a signature that is none, is another's, or is of another kind than it says.

use sealgate_test_provider::{Algorithm, CLIENT_SECRET, Draft, Key, encode};
use serde_json::{Value, json};

use super::{Case, World};

/// The token is signed, or not, in this way.
fn forged(
    name: &'static str,
    reason: &'static str,
    forge: impl Fn(&Draft) -> String + Clone + Send + Sync + 'static,
) -> Case {
    Case::new(name, reason).plan(move |plan, _| plan.forge(forge.clone()))
}

/// As [`forged`], and the provider signs with that key.
fn forged_by(key: Key, case: Case, forge: impl Fn(&Draft) -> String + Clone + Send + Sync + 'static) -> Case {
    case.plan(move |plan, _| {
        plan.published = vec![Key::Rsa, key];
        plan.key = key;
        plan.forge(forge.clone());
    })
}

fn says(draft: &Draft, header: &Value) -> Draft {
    draft.clone().header(header)
}

#[tokio::test]
async fn no_algorithm_but_those_that_are_allowed() {
    let hs = |draft: &Draft, name: &str| says(draft, &json!({ "alg": name }));
    let cases = vec![
        forged("none", "algorithm", |draft| says(draft, &json!({ "alg": "none" })).with_signature("")),
        forged("none without a key's name", "algorithm", |draft| {
            says(draft, &json!({ "alg": "none", "kid": null })).with_signature("")
        }),
        forged("none, over a good signature", "algorithm", |draft| {
            let none = says(draft, &json!({ "alg": "none" }));
            none.with_signature(Key::Rsa.sign(Algorithm::Rs256, none.message().as_bytes()))
        }),
        forged("nOnE", "id_token_malformed", |draft| says(draft, &json!({ "alg": "nOnE" })).with_signature("")),
        forged("no algorithm at all", "id_token_malformed", |draft| says(draft, &json!({ "alg": null })).sign()),
        forged("an algorithm that is no text", "id_token_malformed", |draft| {
            says(draft, &json!({ "alg": 256 })).sign()
        }),
        forged("a list of algorithms", "id_token_malformed", |draft| says(draft, &json!({ "alg": ["RS256"] })).sign()),
        forged("one that nobody has heard of", "id_token_malformed", |draft| {
            says(draft, &json!({ "alg": "RS255" })).sign()
        }),
        forged("lower case", "id_token_malformed", |draft| says(draft, &json!({ "alg": "rs256" })).sign()),
        forged("HS256 with the public key as the secret", "algorithm", move |draft| {
            hs(draft, "HS256").mac(&Key::Rsa.public_bytes())
        }),
        forged("HS256 with the key's document as the secret", "algorithm", move |draft| {
            hs(draft, "HS256").mac(Key::Rsa.jwk().to_string().as_bytes())
        }),
        forged("HS256 with the client's secret", "algorithm", move |draft| {
            hs(draft, "HS256").mac(CLIENT_SECRET.as_bytes())
        }),
        forged("HS256 with no secret", "algorithm", move |draft| hs(draft, "HS256").mac(b"")),
        forged("HS384", "algorithm", move |draft| hs(draft, "HS384").mac(CLIENT_SECRET.as_bytes())),
        forged("HS512", "algorithm", move |draft| hs(draft, "HS512").mac(CLIENT_SECRET.as_bytes())),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn the_signature_is_by_the_key_that_is_named_over_what_is_shown() {
    let cases = vec![
        forged("another key under this one's name", "signature", |draft| {
            draft.sign_with(Key::OtherRsa, Algorithm::Rs256)
        }),
        forged("another hash than it says", "signature", |draft| draft.sign_with(Key::Rsa, Algorithm::Rs512)),
        forged("another padding than it says", "signature", |draft| draft.sign_with(Key::Rsa, Algorithm::Ps256)),
        forged("nothing in its place", "signature", |draft| draft.with_signature("")),
        forged("zeros in its place", "signature", |draft| draft.with_signature([0; 256])),
        forged("a byte short", "signature", |draft| {
            let signature = Key::Rsa.sign(Algorithm::Rs256, draft.message().as_bytes());
            draft.with_signature(&signature[1..])
        }),
        forged("a byte more", "signature", |draft| {
            let mut signature = Key::Rsa.sign(Algorithm::Rs256, draft.message().as_bytes());
            signature.insert(0, 0);
            draft.with_signature(&signature)
        }),
        forged("of another token", "signature", |draft| {
            let other = draft.clone().claims(&json!({ "sub": "eve" })).sign();
            format!("{}.{}", draft.message(), other.rsplit_once('.').unwrap().1)
        }),
        forged("the token brings its own key", "signature", |draft| {
            says(draft, &json!({ "jwk": Key::OtherRsa.jwk_named("rsa") })).sign_with(Key::OtherRsa, Algorithm::Rs256)
        }),
        forged("it brings a chain of certificates", "signature", |draft| {
            let chain = json!({ "x5c": ["MIIB"], "x5t": "AAAA" });
            says(draft, &chain).sign_with(Key::OtherRsa, Algorithm::Rs256)
        }),
        Case::new("it names where its key is", "signature").plan(|plan, facts| {
            let elsewhere = json!({ "jku": format!("{}/keys?other", facts.issuer), "x5u": facts.issuer });
            plan.forge(move |draft| says(draft, &elsewhere).sign_with(Key::OtherRsa, Algorithm::Rs256));
        }),
        forged_by(Key::P256, Case::new("ES256 as certificates have it", "signature"), |draft| {
            draft.sign_with(Key::P256, Algorithm::Es256Der)
        }),
        forged_by(Key::P256, Case::new("ES256 of two zeros", "signature"), |draft| draft.with_signature([0; 64])),
        forged_by(Key::P256, Case::new("ES256 that is not its own", "signature"), |draft| {
            draft.with_signature(Key::P256.sign(Algorithm::Es256, b"something else"))
        }),
        forged_by(Key::Ed25519, Case::new("EdDSA of zeros", "signature"), |draft| draft.with_signature([0; 64])),
        forged_by(Key::Ed25519, Case::new("EdDSA, a byte short", "signature"), |draft| {
            draft.with_signature(&Key::Ed25519.sign(Algorithm::EdDsa, draft.message().as_bytes())[..63])
        }),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn a_token_has_one_spelling() {
    let malformed = |name, forge: fn(&Draft) -> String| forged(name, "id_token_malformed", forge);
    let signed = |header: &'static str| move |draft: &Draft| draft.sign_these(header, &draft.claims.to_string());
    let header = |name, header: &'static str| forged(name, "id_token_malformed", signed(header));
    let cases = vec![
        malformed("padding", |draft| {
            let claims = draft.claims.clone();
            // Of a length that has some.
            let filled = (0..3).map(|length| claims_with(&claims, &"x".repeat(length)));
            let text = filled.into_iter().find(|text| text.len() % 3 != 0).unwrap();
            let padding = "=".repeat(3 - text.len() % 3);
            resign(&encode(draft.header.to_string()), &format!("{}{padding}", encode(text)))
        }),
        malformed("padding after the signature", |draft| format!("{}==", draft.sign())),
        malformed("a line in the middle", |draft| {
            let claims = encode(draft.claims.to_string());
            resign(&encode(draft.header.to_string()), &format!("{}\n{}", &claims[..20], &claims[20..]))
        }),
        malformed("space around it", |draft| format!(" {}\n", draft.sign())),
        malformed("the other alphabet", |draft| {
            draft.sign().replace('_', "/").replace('-', "+").replacen("eyJ", "eyJ+", 1)
        }),
        malformed("bits that say nothing", |draft| {
            let token = draft.with_signature(Key::Rsa.sign(Algorithm::Rs256, draft.message().as_bytes()));
            // 256 bytes end in a character of which four bits are unused.
            let (rest, last) = token.split_at(token.len() - 1);
            let bent = match last {
                "A" => "B",
                "Q" => "R",
                "g" => "h",
                _ => "x",
            };
            format!("{rest}{bent}")
        }),
        malformed("two parts", Draft::message),
        malformed("four parts", |draft| format!("{}.", draft.sign())),
        malformed("five parts: encrypted", |draft| format!("{}.AAAA.AAAA", draft.sign())),
        malformed("nothing", |_| String::new()),
        malformed("dots", |_| "..".to_owned()),
        malformed("JSON in its place", |draft| draft.claims.to_string()),
        malformed("claims that are a list", |draft| draft.sign_these(&draft.header.to_string(), "[]")),
        malformed("claims that are no JSON", |draft| draft.sign_these(&draft.header.to_string(), "{")),
        malformed("more after the claims", |draft| {
            draft.sign_these(&draft.header.to_string(), &format!("{} {{}}", draft.claims))
        }),
        malformed("a claim twice", |draft| {
            let claims = draft.claims.to_string().replacen('{', "{\"sub\":\"eve\",", 1);
            draft.sign_these(&draft.header.to_string(), &claims)
        }),
        header("the algorithm twice", r#"{"alg":"none","alg":"RS256","kid":"rsa"}"#),
        header("the key's name twice", r#"{"alg":"RS256","kid":"other","kid":"rsa"}"#),
        header("critical", r#"{"alg":"RS256","kid":"rsa","crit":["exp"],"exp":1}"#),
        header("critical, of nothing", r#"{"alg":"RS256","kid":"rsa","crit":[]}"#),
        header("claims as they are", r#"{"alg":"RS256","kid":"rsa","b64":false,"crit":["b64"]}"#),
        header("a token in a token", r#"{"alg":"RS256","kid":"rsa","cty":"JWT"}"#),
        header("a logout token", r#"{"alg":"RS256","kid":"rsa","typ":"logout+jwt"}"#),
        header("an access token", r#"{"alg":"RS256","kid":"rsa","typ":"at+jwt"}"#),
        header("a type that is no text", r#"{"alg":"RS256","kid":"rsa","typ":1}"#),
        header("a key's name that is no text", r#"{"alg":"RS256","kid":["rsa"]}"#),
        header("a header that is a list", r#"["alg","RS256"]"#),
        header("a compressed one", r#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF","kid":"rsa"}"#),
    ];
    World::start().await.refuses(cases).await;
}

fn claims_with(claims: &Value, filling: &str) -> String {
    let mut claims = claims.clone();
    claims["filling"] = json!(filling);
    claims.to_string()
}

/// Texts as they are sent, with a good signature over them.
fn resign(header: &str, claims: &str) -> String {
    let message = format!("{header}.{claims}");
    let signature = encode(Key::Rsa.sign(Algorithm::Rs256, message.as_bytes()));
    format!("{message}.{signature}")
}
