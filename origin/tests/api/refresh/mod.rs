//! Refreshing, as edges ask for it and as people and native clients do.

mod answers;
mod bytes;
mod channels;
mod ends;
mod late;
mod marks;
mod public;
mod races;
mod replaces;
mod reuse;
mod secrets;

use sealgate_origin::app::App;
use serde_json::{Value, json};

use crate::kit::{Ask, Minted, Origin};

pub(crate) const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CURL: &str = "curl/8.5.0";

/// Mints a session of `ada`, in Firefox.
async fn mint(origin: &Origin) -> Minted {
    origin.mint_with(json!({ "user_agent": FIREFOX })).await
}

/// Mints a session of `ada` for a native client that calls itself Firefox; what the backend is answered.
async fn mint_bearer(origin: &Origin) -> Value {
    let body = json!({
        "tenant": "demo", "actor_type": "user", "actor_id": "ada", "channel": "bearer", "user_agent": FIREFOX,
    });
    let answer = origin.v1("POST", "/v1/sessions").json(&body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// The refresh token among the cookies of an answer.
fn refresh_token(body: &Value) -> String {
    let line = body["set_cookie"][1].as_str().unwrap();
    line.strip_prefix("__Host-sg_refresh=").unwrap().split(';').next().unwrap().to_owned()
}

/// The edge's question to one of the origins, for a browser of that name.
fn ask(origin: &Origin, app: &App, token: &str, user_agent: &str) -> Ask {
    let body = json!({ "tenant": "demo", "refresh_token": token, "user_agent": user_agent });
    Ask::new(app.private_router(), "POST", "/internal/refresh").header("x-sealgate-edge", &origin.edge).json(&body)
}

/// What the edge is answered, for Firefox.
async fn show(origin: &Origin, token: &str) -> Value {
    show_to(origin, &origin.app, token, FIREFOX).await
}

async fn show_to(origin: &Origin, app: &App, token: &str, user_agent: &str) -> Value {
    let answer = ask(origin, app, token, user_agent).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The refresh token of an answer that has one.
#[track_caller]
fn token(answer: &Value) -> String {
    assert_eq!(answer["status"], "refreshed", "{answer}");
    answer["refresh_token"].as_str().unwrap().to_owned()
}

/// Why an answer has none.
#[track_caller]
fn code(answer: &Value) -> String {
    assert_eq!(answer["status"], "refused", "{answer}");
    answer["code"].as_str().unwrap().to_owned()
}

/// The generation of a session.
async fn generation(origin: &Origin, id: &str) -> i64 {
    origin.database().await.number(&format!("select generation from sessions where id = '{id}'")).await
}

/// How many events of that name were written down.
async fn audited(origin: &Origin, event: &str) -> i64 {
    origin.database().await.number(&format!("select count(*) from audit where event = '{event}'")).await
}

/// Makes a mark over `ada` that ends no session: what was issued before that moment is refused.
async fn mark(origin: &Origin, issued_before: &str) {
    let database = origin.database().await;
    database.execute("update counters set value = value + 1 where name = 'revocations'").await.unwrap();
    let sql = format!(
        "insert into revocations (sequence, kind, tenant, actor_type, actor_id, issued_before, created_at, expires_at) \
         select value, 'actor', 'demo', 'user', 'ada', '{issued_before}', '2026-06-01T12:00:00.000Z', \
         '2026-07-01T12:00:00.000Z' from counters where name = 'revocations'"
    );
    database.execute(&sql).await.unwrap();
}
