//! What the token endpoint answers: not in time, not in size, not in form.

use std::time::Duration;

use sealgate_test_provider::{Endpoint, Reply};
use serde_json::{Value, json};

use super::{Case, World};

fn answers(reason: &'static str, name: &'static str, reply: Reply) -> Case {
    Case::new(name, reason).plan(move |plan, _| plan.reply(Endpoint::Token, reply.clone()))
}

fn without(reason: &'static str, name: &'static str, token: Value) -> Case {
    Case::new(name, reason).plan(move |plan, _| plan.token = token.clone())
}

fn text(status: u16, body: &str) -> Reply {
    Reply::Text(status, "application/json", body.to_owned())
}

#[tokio::test]
async fn an_answer_that_is_one() {
    let cases = vec![
        answers("code_refused", "the code is no good", Reply::json(400, &json!({ "error": "invalid_grant" }))),
        answers("code_refused", "nor are we", Reply::json(401, &json!({ "error": "invalid_client" }))),
        answers("code_refused", "it says no in HTML", Reply::Text(403, "text/html", "<h1>No</h1>".to_owned())),
        without("id_token_missing", "no ID token", json!({ "id_token": null })),
        without("token_response", "no access token", json!({ "access_token": null })),
        without("token_response", "an access token that is a number", json!({ "access_token": 7 })),
        without("token_response", "a token that proves possession", json!({ "token_type": "mac" })),
        without("token_response", "a token of no kind", json!({ "token_type": null })),
        answers("token_response", "no JSON", text(200, "id_token=x")),
        answers("token_response", "a list", text(200, "[]")),
        answers("token_response", "nothing", text(200, "")),
        answers("token_response", "not all of it", text(200, "{\"access_token\":\"at-1\"")),
        answers("token_response", "depths", text(200, &"[".repeat(100_000))),
        answers("token_response", "more than anybody wants", Reply::Endless),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn nobody_there() {
    let unreachable = |name, reply| answers("provider_unreachable", name, reply).unreachable();
    let cases = vec![
        Case::new("gone", "provider_unreachable").stops().unreachable(),
        unreachable("broken", text(500, "{}")),
        unreachable("away", text(503, "")),
        unreachable("elsewhere", Reply::Redirect(302, "http://127.0.0.1:9/".to_owned())),
        unreachable("elsewhere, with what was sent", Reply::Redirect(307, "http://127.0.0.1:9/".to_owned())),
        unreachable("elsewhere for good", Reply::Redirect(308, "http://127.0.0.1:9/".to_owned())),
    ];
    World::start().await.refuses(cases).await;
}

/// Real time, as little of it as is enough: what comes later has not come.
#[tokio::test]
async fn no_answer_that_ends() {
    let unreachable = |name, reply| answers("provider_unreachable", name, reply).unreachable();
    let cases = vec![
        unreachable("silent", Reply::Silent),
        unreachable("a beginning and no end", Reply::Stalls),
        unreachable("a header without end", Reply::LongHeader(4_000_000)),
    ];
    let mut world = World::start_with(|config| config.outbound.total_timeout = Duration::from_secs(1)).await;
    world.refuses(cases).await;
}
