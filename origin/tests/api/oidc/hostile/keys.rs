//! Keys that are not there, are not the only ones, or are for something else.

use std::time::Duration;

use sealgate_test_provider::{Algorithm, Endpoint, Key, Plan, Reply};
use serde_json::{Value, json};

use super::{Case, World};

/// The published keys are these since the sign-in began, and the token names one that was not there before.
fn published(name: &'static str, keys: fn() -> Vec<Value>) -> Case {
    Case::new(name, "key_unknown").plan(move |plan, _| {
        plan.key_set = Some(json!({ "keys": keys() }));
        plan.header = json!({ "kid": "new" });
    })
}

fn with(mut key: Value, changes: &Value) -> Value {
    key.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    key
}

#[tokio::test]
async fn one_key_is_meant_and_it_is_for_this() {
    let header = |name, header: Value| Case::new(name, "key_unknown").plan(move |plan, _| plan.header = header.clone());
    let cases = vec![
        header("a name that no key has", json!({ "kid": "unheard-of" })),
        header("an empty name", json!({ "kid": "" })),
        header("a path for a name", json!({ "kid": "../../dev/null" })),
        Case::new("no name, and two keys that fit", "key_unknown").early().plan(|plan, _| {
            plan.key_set = Some(json!({ "keys": [Key::Rsa.jwk(), Key::OtherRsa.jwk()] }));
            plan.header = json!({ "kid": null });
        }),
        published("two keys of that name", || vec![Key::Rsa.jwk_named("new"), Key::OtherRsa.jwk_named("new")]),
        published("a key for encryption", || vec![with(Key::Rsa.jwk_named("new"), &json!({ "use": "enc" }))]),
        published("a key that is for something else", || {
            vec![with(Key::Rsa.jwk_named("new"), &json!({ "key_ops": ["encrypt"], "use": null }))]
        }),
        published("a key for another algorithm", || vec![with(Key::Rsa.jwk_named("new"), &json!({ "alg": "PS256" }))]),
        published("a key on a curve", || vec![Key::P256.jwk_named("new")]),
        published("a secret in its place", || vec![json!({ "kty": "oct", "kid": "new", "k": "AAAA", "use": "sig" })]),
        published("a key that is too short", || {
            let modulus = Key::Rsa.jwk()["n"].as_str().unwrap()[..172].to_owned();
            vec![with(Key::Rsa.jwk_named("new"), &json!({ "n": modulus }))]
        }),
        published("half a key", || vec![json!({ "kty": "RSA", "kid": "new", "use": "sig", "e": "AQAB" })]),
        published("no keys", Vec::new),
        curve("ES256 by a key of the other curve", Key::P384, Algorithm::Es256),
        curve("ES384 by a key of the other curve", Key::P256, Algorithm::Es384),
        curve("EdDSA by a key of another kind", Key::P256, Algorithm::EdDsa),
        curve("ES256 by an RSA key", Key::Rsa, Algorithm::Es256),
        curve("RS256 by a key on a curve", Key::P256, Algorithm::Rs256),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn people_sign_in_by_the_keys_at_hand_while_newer_ones_do_not_come() {
    let mut world = World::start().await;
    let (provider, id) = world.register(|_| {}).await;
    world.begin(&id, "").await;
    world.origin.wait(Duration::from_mins(5));
    let begun = world.begin(&id, "").await;
    // The keys are eleven minutes old by now, the sign-in six.
    world.origin.wait(Duration::from_mins(6));
    provider.plan(|plan| plan.reply(Endpoint::Keys, Reply::Silent));
    let back = provider.authorize(&begun.location);
    let answer = world.come_back(&back, &begun.cookie).await;
    assert_eq!((answer.status.as_u16(), provider.count(Endpoint::Keys)), (303, 2), "{}", answer.text());
    world.begin(&id, "").await;
}

/// The header says this algorithm, the key that it names is of another kind.
fn curve(name: &'static str, named: Key, says: Algorithm) -> Case {
    Case::new(name, "key_unknown").plan(move |plan: &mut Plan, _| {
        plan.published = vec![Key::Rsa, Key::P256, Key::P384, Key::Ed25519];
        plan.forge(move |draft| {
            let draft = draft.clone().header(&json!({ "alg": says.name(), "kid": named.id() }));
            draft.sign_with(named, named.usual_algorithm())
        });
    })
}
