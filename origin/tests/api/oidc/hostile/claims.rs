//! Claims that are missing, of another kind than they should be, or say the wrong thing.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Case, World};

/// A claim with a value that can be written down.
fn claim(reason: &'static str, name: &'static str, claims: Value) -> Case {
    Case::new(name, reason).claims(move |_| claims.clone())
}

/// A time, so many seconds from now.
fn time(reason: &'static str, name: &'static str, claim: &'static str, seconds: i64) -> Case {
    Case::new(name, reason).claims(move |facts| json!({ claim: facts.now.cast_signed() + seconds }))
}

#[tokio::test]
async fn whose_it_is_and_whom_it_is_for() {
    let us = "sealgate-at-test";
    let cases = vec![
        claim("issuer", "another issuer", json!({ "iss": "https://elsewhere.test" })),
        claim("issuer", "no issuer", json!({ "iss": null })),
        Case::new("an issuer with a slash more", "issuer")
            .claims(|facts| json!({ "iss": format!("{}/", facts.issuer) })),
        Case::new("the issuer in other letters", "issuer")
            .claims(|facts| json!({ "iss": facts.issuer.to_uppercase() })),
        Case::new("a list of issuers", "id_token_malformed").claims(|facts| json!({ "iss": [facts.issuer] })),
        claim("audience", "another audience", json!({ "aud": "somebody-else" })),
        claim("audience", "no audience", json!({ "aud": null })),
        claim("audience", "an audience of nobody", json!({ "aud": [] })),
        claim("audience", "us and somebody whom nobody trusts", json!({ "aud": [us, "somebody-else"], "azp": us })),
        claim("audience", "us in other letters", json!({ "aud": us.to_uppercase() })),
        claim("audience", "us and more", json!({ "aud": format!("{us} ") })),
        claim("id_token_malformed", "a number as the audience", json!({ "aud": 7 })),
        claim("authorized_party", "another party", json!({ "azp": "somebody-else" })),
        claim("authorized_party", "a party without a name", json!({ "azp": "" })),
        claim("id_token_malformed", "a party that is a list", json!({ "azp": [us] })),
        claim("access_token_hash", "another token's hash", json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" })),
        claim("access_token_hash", "no bytes of it", json!({ "at_hash": "" })),
        claim("id_token_malformed", "a hash that is no text", json!({ "at_hash": 7 })),
        claim("nonce", "no nonce", json!({ "nonce": null })),
        claim("nonce", "another nonce", json!({ "nonce": "A".repeat(43) })),
        claim("nonce", "an empty nonce", json!({ "nonce": "" })),
        claim("id_token_malformed", "a nonce that is a list", json!({ "nonce": ["A"] })),
        claim("subject", "no subject", json!({ "sub": null })),
        claim("subject", "an empty subject", json!({ "sub": "" })),
        claim("subject", "a subject that does not end", json!({ "sub": "a".repeat(256) })),
        claim("id_token_malformed", "a number as the subject", json!({ "sub": 7 })),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn when_it_was_made_and_how_long_it_is_good() {
    let cases = vec![
        time("expired", "expired, beyond the leeway", "exp", -60),
        claim("expired", "expired in 1970", json!({ "exp": 0 })),
        claim("id_token_malformed", "good for ever", json!({ "exp": null })),
        claim("id_token_malformed", "good until a text", json!({ "exp": "2030-01-01" })),
        time("issued_at", "made in the future", "iat", 61),
        time("issued_at", "made long ago", "iat", -661),
        claim("id_token_malformed", "made at no time", json!({ "iat": null })),
        claim("id_token_malformed", "made at a text", json!({ "iat": "now" })),
        claim("auth_time", "signed in at no time", json!({ "auth_time": null })).begin("&max_age=300"),
        time("auth_time", "signed in too long ago", "auth_time", -372).begin("&max_age=300"),
        time("auth_time", "signed in before, when it was to be now", "auth_time", -72).begin("&max_age=0"),
        time("auth_time", "signed in in the future", "auth_time", 61).begin("&max_age=300"),
        claim("id_token_malformed", "signed in at a text", json!({ "auth_time": "just now" })).begin("&max_age=300"),
        Case::new("back too late", "login_expired").after(Duration::from_mins(10)),
    ];
    World::start().await.refuses(cases).await;
}
