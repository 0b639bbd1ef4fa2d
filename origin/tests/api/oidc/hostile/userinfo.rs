//! What is asked besides, where the ID token does not tell.

use sealgate_test_provider::{Endpoint, Reply};
use serde_json::{Value, json};

use super::super::site::{Site, went_to};
use super::{Case, World};

fn wants(case: Case) -> Case {
    case.settings(|provider| provider.email_domains = vec!["example.test".to_owned()])
}

fn tells(reason: &'static str, name: &'static str, userinfo: Value) -> Case {
    wants(Case::new(name, reason)).plan(move |plan, _| {
        plan.userinfo = json!({ "email": "ada@example.test", "email_verified": true });
        plan.userinfo.as_object_mut().unwrap().extend(userinfo.as_object().unwrap().clone());
    })
}

fn answers(reason: &'static str, name: &'static str, reply: Reply) -> Case {
    wants(Case::new(name, reason)).plan(move |plan, _| plan.reply(Endpoint::Userinfo, reply.clone()))
}

#[tokio::test]
async fn of_the_same_person_in_the_same_form() {
    let text = |status, kind, body: &str| Reply::Text(status, kind, body.to_owned());
    let cases = vec![
        tells("userinfo_subject", "of somebody else", json!({ "sub": "eve" })),
        tells("userinfo_subject", "of nobody", json!({ "sub": null })),
        tells("email_unverified", "an address that was not checked", json!({ "email_verified": false })),
        tells("email_domain", "an address elsewhere", json!({ "email": "ada@elsewhere.test" })),
        answers("userinfo", "it says no", text(401, "application/json", "{}")),
        answers("userinfo", "no JSON", text(200, "text/html", "<h1>ada</h1>")),
        answers("userinfo", "a list", text(200, "application/json", "[]")),
        answers(
            "userinfo",
            "signed, which was not asked for",
            text(200, "application/jwt", "eyJhbGciOiJub25lIn0.e30."),
        ),
        answers("userinfo", "more than anybody wants", Reply::Endless),
        // The half that the ID token tells is not put together with the other half from elsewhere.
        wants(Case::new("an address here, its check there", "email_domain")).plan(|plan, _| {
            plan.claims = json!({ "email": "ada@example.test" });
            plan.userinfo = json!({ "email": "ada@elsewhere.test", "email_verified": true });
        }),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn a_name_that_is_not_told_keeps_nobody_out() {
    let site = Site::start_with(|settings| settings.name_claim = Some("name".to_owned())).await;
    for status in [401, 500] {
        let reply = Reply::Text(status, "application/json", "{}".to_owned());
        site.provider.plan(|plan| plan.reply(Endpoint::Userinfo, reply));
        went_to(&site.sign_in("").await, "/");
    }
    site.provider.plan(|plan| {
        plan.reply(Endpoint::Userinfo, Reply::Text(200, "application/json", json!({ "sub": "eve" }).to_string()));
    });
    assert_eq!(site.sign_in("").await.status, 400);
    assert_eq!(site.failures().await, ["example userinfo_subject"]);
}
