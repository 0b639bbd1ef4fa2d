//! Everything is wrong at once, and is put right one after the other: the reasons come in the order of the checks.

use sealgate_origin::oidc::ProviderSettings;
use sealgate_test_provider::{Algorithm, Key, Plan, Provider};
use serde_json::{Value, json};

use super::World;

/// All that can be wrong with an ID token, the first to be found first.
fn faults(now: u64) -> Vec<(&'static str, Value)> {
    vec![
        ("issuer", json!({ "iss": "https://elsewhere.test" })),
        ("audience", json!({ "aud": "somebody-else" })),
        ("authorized_party", json!({ "azp": "somebody-else" })),
        ("access_token_hash", json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" })),
        ("expired", json!({ "exp": now - 3600 })),
        ("issued_at", json!({ "iat": now - 7200 })),
        ("nonce", json!({ "nonce": null })),
        ("auth_time", json!({ "auth_time": now - 7200 })),
        ("subject", json!({ "sub": "" })),
        ("email_missing", json!({ "email": null, "email_verified": false })),
        ("email_unverified", json!({ "email": "ada@elsewhere.test", "email_verified": false })),
        ("email_domain", json!({ "email": "ada@elsewhere.test", "email_verified": true })),
        ("actor_claim", json!({ "email": "ada@example.test", "email_verified": true, "employee": 7 })),
        ("groups_claim", json!({ "employee": "ada", "groups": 7 })),
    ]
}

#[tokio::test]
async fn the_first_fault_is_the_one_that_is_told() {
    let mut world = World::start().await;
    let (provider, id) = world.register(wants_everything).await;
    let now = world.origin.clock.now().as_u64() / 1000;
    let faults = faults(now);
    let wrong = |from: usize| {
        let mut claims = json!({ "email": "ada@example.test", "email_verified": true });
        // An earlier fault goes over a later one in the same claim.
        for (_, fault) in faults[from..].iter().rev() {
            claims.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
        }
        claims
    };
    let first = |plan: &mut Plan| plan.forge(|draft| draft.clone().header(&json!({ "alg": "HS256" })).sign());
    expect(&world, &provider, &id, "algorithm", &wrong(0), first).await;
    let second = |plan: &mut Plan| plan.header = json!({ "kid": "unheard-of" });
    expect(&world, &provider, &id, "key_unknown", &wrong(0), second).await;
    let third = |plan: &mut Plan| plan.forge(|draft| draft.sign_with(Key::OtherRsa, Algorithm::Rs256));
    expect(&world, &provider, &id, "signature", &wrong(0), third).await;
    for (from, (reason, _)) in faults.iter().enumerate() {
        expect(&world, &provider, &id, reason, &wrong(from), |_| {}).await;
    }
}

async fn expect(
    world: &World,
    provider: &Provider,
    id: &str,
    reason: &str,
    claims: &Value,
    more: impl FnOnce(&mut Plan),
) {
    provider.behave();
    let begun = world.begin(id, "&max_age=300").await;
    provider.plan(|plan| {
        plan.claims = claims.clone();
        more(plan);
    });
    let before = world.failures().await;
    let answer = world.come_back(&provider.authorize(&begun.location), &begun.cookie).await;
    assert_eq!(answer.status, 400, "{reason}");
    assert_eq!(world.told(&before).await, [(reason.to_owned(), 1)], "{claims}");
}

fn wants_everything(provider: &mut ProviderSettings) {
    provider.email_domains = vec!["example.test".to_owned()];
    "employee".clone_into(&mut provider.actor_claim);
    provider.groups_claim = Some("groups".to_owned());
    provider.group_roles = vec!["staff=member".parse().unwrap()];
}
