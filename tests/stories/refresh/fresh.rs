//! Routes for whoever has just proved who they are (RFC 9470).

use std::time::Duration;

use sealgate_tests::browser::{Answer, Browser};
use serde_json::json;

use super::{ACCESS, World, expect_in, expect_out};

const MINUTE: Duration = Duration::from_mins(1);
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn start() -> World {
    let routes = json!([
        { "path": "/money", "policy": "fresh", "max_age": 600 },
        { "path": "/money/large", "policy": "fresh", "max_age": 60 },
    ]);
    World::start_on(
        sealgate_test_database::Engine::Sqlite,
        |_| {},
        |settings| {
            settings["tenants"][0]["routes"] = routes;
        },
    )
    .await
}

fn expect_stale(answer: &Answer, max_age: u64) {
    expect_out(answer, "insufficient_user_authentication", &format!("{max_age}"));
    assert_eq!(answer.json()["max_age"], max_age);
    let challenge =
        format!("Cookie cookie-name=\"{ACCESS}\", error=\"insufficient_user_authentication\", max_age=\"{max_age}\"");
    assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.set_cookies().is_empty(), "nobody is signed out: {answer:?}");
}

async fn sign_in_again(browser: &mut Browser, path: &str, name: &str) -> Answer {
    let mut form = browser.clone().with_header(FORM.0, FORM.1);
    let return_to = path.split("return_to=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    let max_age = path.split("max_age=").nth(1).unwrap();
    let answer = form.post("/auth/login", format!("name={name}&return_to={return_to}&max_age={max_age}")).await;
    browser.cookies = form.cookies;
    answer
}

#[tokio::test]
async fn whoever_signed_in_long_ago_is_asked_again() {
    let world = start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    for path in ["/money", "/money/large"] {
        expect_in(&ada.get(path).await, &session, "at once");
    }
    world.stack.advance(2 * MINUTE).await;
    expect_in(&ada.get("/money").await, &session, "after two minutes");
    expect_stale(&ada.get("/money/large").await, 60);
    world.stack.advance(8 * MINUTE + Duration::from_millis(1)).await;
    expect_stale(&ada.get("/money").await, 600);
    expect_in(&ada.get("/").await, &session, "elsewhere");
    // A refresh is no sign-in.
    world.expire().await;
    let answer = ada.get("/money").await;
    assert_eq!(answer.code(), "insufficient_user_authentication");
    expect_in(&ada.get("/").await, &session, "elsewhere");
}

#[tokio::test]
async fn signing_in_again_is_a_new_session_of_the_same_person_and_the_old_one_is_over() {
    let world = start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.stack.advance(11 * MINUTE).await;
    let mut person = ada.clone().navigating();
    let old = ada.clone();
    let sent = person.get("/money?to=bob").await;
    assert_eq!(sent.status, 302, "{sent:?}");
    let path = sent.header("location").unwrap().to_owned();
    assert_eq!(path, "/auth/login?return_to=/money%3Fto%3Dbob&max_age=600");
    let page = person.get(&path).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("ada"), "the name is fixed: {}", page.body);

    // Somebody else is a mistake, and no session is begun or ended.
    let before = person.cookies[ACCESS].clone();
    let mistaken = sign_in_again(&mut person, &path, "mallory").await;
    assert!(mistaken.status.is_success() || mistaken.status.is_client_error(), "{mistaken:?}");
    assert_eq!(person.cookies[ACCESS], before, "{mistaken:?}");
    assert_eq!(world.revoked_reason(&session).await, None);

    let back = sign_in_again(&mut person, &path, "ada").await;
    assert_eq!((back.status.as_u16(), back.header("location")), (303, Some("/money?to=bob")), "{back:?}");
    assert_ne!(person.cookies[ACCESS], before);
    let page = person.get("/money?to=bob").await;
    assert_eq!(page.status, 200, "{page:?}");
    let new = page.seen("x-sealgate-session").unwrap();
    assert_ne!(Some(new.as_str()), session["id"].as_str(), "a new id");
    assert_eq!(page.seen("x-sealgate-actor-id").as_deref(), Some("ada"));
    assert_eq!(world.revoked_reason(&session).await.as_deref(), Some("rotation"));
    world.stack.advance(Duration::from_millis(1_001)).await;
    expect_out(&old.clone().get("/").await, "revoked", "the old one");
    assert_eq!(world.audit().await, [], "nothing that anybody has to look at");
}

#[tokio::test]
async fn a_backend_may_replace_a_session_by_a_newer_one_of_the_same_person() {
    let world = start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    let (mut bob, bobs) = world.signed_in("bob").await;
    let replacing = |actor: &str, old: &serde_json::Value| json!({ "tenant": "demo", "actor_type": "user", "actor_id": actor, "replaces": old["id"] });
    let ask = |body| world.stack.origin.ask(reqwest::Method::POST, "/v1/sessions", Some(body));
    let mismatch = ask(replacing("ada", &bobs)).await;
    assert_eq!((mismatch.status.as_u16(), mismatch.code().as_str()), (409, "replaces_mismatch"));
    expect_in(&bob.get("/").await, &bobs, "bob");

    world.stack.advance(11 * MINUTE).await;
    let answer = ask(replacing("ada", &session)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(world.revoked_reason(&session).await.as_deref(), Some("rotation"));
    world.stack.advance(Duration::from_millis(1_001)).await;
    expect_out(&ada.get("/").await, "revoked", "the old one");
    ada.keep_session(&answer.json());
    expect_in(&ada.get("/money").await, &answer.json()["session"], "the new one");
    let again = ask(replacing("ada", &session)).await;
    assert_eq!(again.code(), "replaces_mismatch", "it has ended");
}

#[tokio::test]
async fn native_clients_are_told_in_their_own_scheme() {
    let world = start().await;
    let minted = world.stack.origin.mint_with("ada", json!({ "channel": "bearer" })).await;
    let token = format!("Bearer {}", minted["access_token"].as_str().unwrap());
    let client = world.browser().with_header("authorization", &token);
    expect_in(&client.clone().get("/money").await, &minted["session"], "at once");
    world.stack.advance(11 * MINUTE).await;
    for client in [client.clone(), client.navigating()] {
        let answer = client.clone().get("/money").await;
        expect_out(&answer, "insufficient_user_authentication", "a native client");
        let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=\"600\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
}
