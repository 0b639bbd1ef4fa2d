//! Who somebody is: what a provider says of people, where the settings want more than a subject.

use sealgate_origin::oidc::ProviderSettings;
use serde_json::{Value, json};

use super::{Case, World};

fn of(reason: &'static str, name: &'static str, claims: Value) -> Case {
    Case::new(name, reason).claims(move |_| claims.clone())
}

#[tokio::test]
async fn an_address_of_one_of_the_domains() {
    let mail = |reason, name, email: &str, verified: Value| {
        of(reason, name, json!({ "email": email, "email_verified": verified }))
            .settings(|provider| provider.email_domains = vec!["example.test".to_owned()])
    };
    let domain = |name, email| mail("email_domain", name, email, json!(true));
    let missing = |name, email| mail("email_missing", name, email, json!(true));
    let cases = vec![
        of("email_missing", "no address", json!({}))
            .settings(|provider| provider.email_domains = vec!["example.test".to_owned()]),
        mail("email_unverified", "an address that was not checked", "ada@example.test", json!(false)),
        mail("email_unverified", "one that was checked in loud words", "ada@example.test", json!("TRUE")),
        mail("email_unverified", "one that was checked in numbers", "ada@example.test", json!(1)),
        mail("email_unverified", "one of which nobody says", "ada@example.test", Value::Null),
        domain("of another domain", "ada@elsewhere.test"),
        domain("of a domain below", "ada@mail.example.test"),
        domain("of a domain above", "ada@test"),
        domain("of one that ends like it", "ada@evilexample.test"),
        domain("of one that begins like it", "ada@example.test.evil"),
        missing("two addresses in one", "ada@elsewhere.test@example.test"),
        missing("a domain alone", "@example.test"),
        missing("no domain", "ada@"),
        missing("no address at all", "example.test"),
        missing("a line after it", "ada@elsewhere.test\n@example.test"),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn a_name_that_can_be_one() {
    let named = |reason, name, claim: &'static str, claims: Value| {
        of(reason, name, claims).settings(move |provider| claim.clone_into(&mut provider.actor_claim))
    };
    let cases = vec![
        named("actor_claim", "no name", "employee", json!({})),
        named("actor_claim", "an empty name", "employee", json!({ "employee": "" })),
        named("actor_claim", "a number as the name", "employee", json!({ "employee": 7 })),
        named("actor_claim", "a list of names", "employee", json!({ "employee": ["ada"] })),
        named("actor_claim", "a name of two words", "employee", json!({ "employee": "ada l" })),
        named(
            "actor_claim",
            "a name with a line in it",
            "employee",
            json!({ "employee": "ada\nX-Sealgate-Roles: admin" }),
        ),
        named("actor_claim", "a name in other letters than these", "employee", json!({ "employee": "\u{430}da" })),
        named("actor_claim", "a name that does not end", "employee", json!({ "employee": "a".repeat(129) })),
        of("actor_claim", "a name that is too long with what goes before", json!({ "sub": "a".repeat(125) }))
            .settings(|provider| "work:".clone_into(&mut provider.actor_prefix)),
        of("groups_claim", "a number of groups", json!({ "groups": 7 })).settings(has_groups),
        of("groups_claim", "a list of numbers as groups", json!({ "groups": [7] })).settings(has_groups),
    ];
    World::start().await.refuses(cases).await;
}

fn has_groups(provider: &mut ProviderSettings) {
    provider.groups_claim = Some("groups".to_owned());
    provider.group_roles = vec!["staff=member".parse().unwrap()];
}
