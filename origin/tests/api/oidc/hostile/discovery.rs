//! What a provider says of itself, when a sign-in is to begin.

use sealgate_test_provider::{Endpoint, Plan, Reply};
use serde_json::json;

use super::World;

type Lie = (&'static str, &'static str, fn(&mut Plan));

const LIES: &[Lie] = &[
    ("another issuer", "provider_metadata", |plan| plan.discovery = json!({ "issuer": "https://elsewhere.test" })),
    ("no issuer", "provider_metadata", |plan| plan.discovery = json!({ "issuer": null })),
    ("no place to sign in", "provider_metadata", |plan| plan.discovery = json!({ "authorization_endpoint": null })),
    ("a script as the place to sign in", "provider_metadata", |plan| {
        plan.discovery = json!({ "authorization_endpoint": "javascript:alert(1)//" });
    }),
    ("no place for codes", "provider_metadata", |plan| plan.discovery = json!({ "token_endpoint": null })),
    ("a file as the place for codes", "provider_metadata", |plan| {
        plan.discovery = json!({ "token_endpoint": "file:///etc/passwd" });
    }),
    ("a file as the keys", "provider_metadata", |plan| plan.discovery = json!({ "jwks_uri": "file:///etc/passwd" })),
    ("no keys", "provider_metadata", |plan| plan.discovery = json!({ "jwks_uri": null })),
    ("no JSON", "provider_metadata", |plan| {
        plan.reply(Endpoint::Discovery, Reply::Text(200, "text/html", "<h1>Welcome</h1>".to_owned()));
    }),
    ("keys that are no JSON", "provider_metadata", |plan| {
        plan.reply(Endpoint::Keys, Reply::Text(200, "application/json", "{".to_owned()));
    }),
    ("no end", "provider_metadata", |plan| plan.reply(Endpoint::Discovery, Reply::Endless)),
    ("keys without end", "provider_metadata", |plan| plan.reply(Endpoint::Keys, Reply::Endless)),
    ("broken", "provider_unreachable", |plan| plan.reply(Endpoint::Discovery, Reply::json(500, &json!({})))),
];

#[tokio::test]
async fn a_provider_that_says_nonsense_of_itself_is_not_gone_to() {
    let mut world = World::start().await;
    for (name, reason, lie) in LIES {
        let (provider, id) = world.register(|_| {}).await;
        provider.plan(lie);
        let before = world.failures().await;
        let answer = world.origin.browser("GET", &format!("/auth/oidc/{id}/login")).send().await;
        assert_eq!(answer.status, 503, "{name}: {}", answer.text());
        assert!(!answer.headers.contains_key("location") && answer.set_cookies().is_empty(), "{name}");
        assert_eq!(world.told(&before).await, [((*reason).to_owned(), 1)], "{name}");
        assert_eq!(world.count("pre_login = true").await, 0, "{name}");
        // It comes to its senses.
        provider.behave();
        world.origin.wait(std::time::Duration::from_secs(61));
        world.begin(&id, "").await;
        world.origin.database().await.execute("delete from sessions where pre_login = true").await.unwrap();
    }
}
