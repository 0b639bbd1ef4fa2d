//! Whether everything is there that was acknowledged, asked by the same ways as ever.

use futures_util::{StreamExt as _, stream};
use reqwest::{Method, RequestBuilder};
use sealgate_test_database::TestDatabase;
use sealgate_tests::process::Installation;
use serde_json::{Value, json};
use sqlx::Connection as _;

use super::ledger::{Asked, Held, Keys, Ledger, Person};

/// How many sessions are looked at at a time.
const AT_ONCE: usize = 8;

/// The keys of the tenant `demo`, of which one must be active and one pending.
pub(super) async fn read_keys(installation: &Installation) -> Keys {
    let listed = installation.json("keys list --tenant demo --json").await;
    let listed = listed["keys"].as_array().unwrap();
    let only = |state: &str| {
        let found: Vec<&Value> = listed.iter().filter(|key| key["state"] == state).collect();
        assert_eq!(found.len(), 1, "{state}: {listed:?}");
        found[0]["id"].as_str().unwrap().to_owned()
    };
    Keys { active: only("active"), pending: only("pending") }
}

/// Looks at each of their sessions.
pub(super) async fn verify(installation: &Installation, ledger: &Ledger, people: Vec<Person>) {
    let sessions = people.into_iter().flat_map(|person| person.sessions);
    let looks = sessions.map(|held| async move { look(installation, &held, ledger.fate(&held)).await });
    let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
    while looks.next().await.is_some() {}
}

/// A session that was acknowledged is there. It is live to whoever asks, or revoked to all of them.
async fn look(installation: &Installation, held: &Held, revoked: Asked) {
    let row = answer(installation.ask(Method::GET, &format!("/v1/sessions/{}", held.id)), 200).await;
    assert_eq!(row["id"], *held.id, "{row}");
    let is_revoked = row["revoked_at"].is_string();
    match revoked {
        Asked::No => assert!(!is_revoked, "nobody revoked it: {row}"),
        Asked::InDoubt => return,
        Asked::Acknowledged => assert!(is_revoked, "its revocation is lost: {row}"),
    }
    let status = if is_revoked { "revoked" } else { "live" };
    assert_eq!(row["status"], status, "{row}");

    let question = json!({ "tenant": "demo", "session": held.id });
    let told = answer(installation.ask_as_edge(Method::POST, "/internal/check").json(&question), 200).await;
    assert_eq!(told["status"], status, "an edge is told otherwise: {row}");

    let browser = installation.ask_as_browser(Method::GET, "/auth/session");
    let page = browser.header("cookie", format!("__Host-sg={}", held.token));
    let seen = answer(page, if is_revoked { 401 } else { 200 }).await;
    if is_revoked {
        assert_eq!(seen["code"], "revoked", "{row}");
    } else {
        assert_eq!(seen["session"]["id"], *held.id, "{row}");
    }
}

async fn answer(request: RequestBuilder, expected: u16) -> Value {
    let response = request.send().await.expect("the origin answers");
    let status = response.status();
    let body = response.text().await.unwrap();
    assert_eq!(status, expected, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// Numbers of the revocation sequence are given back by transactions that come to nothing.
pub(super) async fn sequence_has_no_gaps(database: &TestDatabase) {
    const SQL: &str = "select count(*), coalesce(min(sequence), 1), coalesce(max(sequence), 0), \
        (select value from counters where name = 'revocations') from revocations";
    let found: (i64, i64, i64, i64) = if let Some(database) = database.postgres() {
        sqlx::query_as(SQL).fetch_one(&mut database.connect().await).await.unwrap()
    } else {
        let mut file = sqlx::SqliteConnection::connect(database.url()).await.unwrap();
        sqlx::query_as(SQL).fetch_one(&mut file).await.unwrap()
    };
    let (count, first, last, counter) = found;
    assert_eq!((first, last, counter), (1, count, count));
    assert!(count > 0, "there were revocations");
}
