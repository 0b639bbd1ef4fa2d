//! Native clients: the same session behind `Authorization: Bearer`.

use serde_json::{Value, json};

use crate::kit::{Answer, Ask, Minted, Origin};

struct App {
    id: String,
    access: String,
    refresh: String,
}

async fn mint_app(origin: &Origin) -> App {
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada", "channel": "bearer" });
    let answer = origin.v1("POST", "/v1/sessions").json(&body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let body = answer.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    App { id: text(&body["session"]["id"]), access: text(&body["access_token"]), refresh: text(&body["refresh_token"]) }
}

async fn refused(ask: Ask, code: &str) -> Answer {
    let answer = ask.refused(401, code).await;
    assert_eq!(answer.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
    assert!(answer.set_cookies().is_empty());
    answer
}

#[tokio::test]
async fn an_app_is_recognised_and_needs_no_csrf_token() {
    let origin = Origin::start().await;
    let (app, browser) = (mint_app(&origin).await, origin.mint().await);
    let ask = |method: &str, path: &str| origin.browser(method, path).bearer(&app.access);
    let me = ask("GET", "/auth/session").send().await.json();
    assert_eq!((&me["session"]["id"], &me["csrf_token"]), (&json!(app.id), &Value::Null));
    let answer = ask("GET", "/auth/csrf").send().await;
    assert_eq!((answer.json(), answer.set_cookies().len()), (json!({ "csrf_token": null }), 0));
    let listed = ask("GET", "/auth/sessions").send().await.json();
    let current = |id: &str| {
        listed["sessions"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap()["current"].clone()
    };
    assert_eq!((current(&app.id), current(&browser.id)), (json!(true), json!(false)));
    let label = ask("PATCH", &format!("/auth/sessions/{}", browser.id)).json(&json!({ "label": "desk" }));
    assert_eq!(label.send().await.status, 200);
    let cross = ask("DELETE", &format!("/auth/sessions/{}", browser.id)).header("sec-fetch-site", "cross-site");
    assert_eq!(cross.send().await.json(), json!({ "revoked": 1 }));
    let answer = ask("POST", "/auth/logout").send().await;
    assert_eq!((answer.json(), answer.set_cookies().len()), (json!({ "signed_out": true }), 0));
    refused(ask("GET", "/auth/session"), "revoked").await;
}

#[tokio::test]
async fn cookies_beside_a_bearer_token_count_for_nothing() {
    let origin = Origin::start().await;
    let (app, browser) = (mint_app(&origin).await, origin.mint().await);
    let ask = |token: &str| origin.browser("GET", "/auth/session").cookie(&browser.cookie).bearer(token);
    assert_eq!(ask(&app.access).send().await.json()["session"]["id"], app.id.as_str());
    for (token, code) in [
        ("v1.a.b.c", "malformed"),
        (app.refresh.as_str(), "malformed"),
        (browser.access.as_str(), "bad_mac"),
        (&format!("{}, Bearer {}", app.access, app.access), "malformed"),
    ] {
        refused(ask(token), code).await;
    }
    let elsewhere = ask(&app.access).header("x-sealgate-tenant", "other");
    refused(elsewhere, "unknown_kid").await;
    let logout = origin.browser("POST", "/auth/logout").cookie(&browser.cookie).bearer("v1.a.b.c").send().await;
    assert_eq!((logout.json(), logout.set_cookies().len()), (json!({ "signed_out": false }), 0));
    assert_eq!(origin.check(&browser.id).await, "live");
    // What is not ours is the application's business.
    for foreign in ["Basic YTpi", "Bearer eyJhbGciOi.x.y", "Bearer"] {
        let ask = origin.browser("GET", "/auth/session").cookie(&browser.cookie).header("authorization", foreign);
        assert_eq!(ask.send().await.json()["session"]["id"], browser.id.as_str());
    }
}

#[tokio::test]
async fn the_tokens_of_an_app_are_no_cookies() {
    let origin = Origin::start().await;
    let app = mint_app(&origin).await;
    let cookie = format!("__Host-sg={}; __Host-sg_refresh={}", app.access, app.refresh);
    origin.browser("GET", "/auth/session").cookie(&cookie).refused(401, "bad_mac").await;
    let answer = origin.browser("POST", "/auth/logout").same_site().cookie(&cookie).send().await;
    assert_eq!(answer.json(), json!({ "signed_out": false }));
    assert_eq!(origin.check(&app.id).await, "live");
}

#[tokio::test]
async fn a_token_of_one_kind_is_nothing_for_a_session_of_the_other() {
    let origin = Origin::start().await;
    let browser: Minted = origin.mint().await;
    // As if an edge that leaked its keys had made a token of the other kind.
    let sql = format!("update sessions set channel = 'bearer' where id = '{}'", browser.id);
    origin.database().await.execute(&sql).await.unwrap();
    origin.browser("GET", "/auth/session").cookie(&browser.cookie).refused(401, "revoked").await;
}
