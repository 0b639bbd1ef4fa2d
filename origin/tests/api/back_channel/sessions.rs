//! Which sessions a logout ends, and how often.

use serde_json::json;

use super::{Site, register, sign_in, start_provider};

#[tokio::test]
async fn by_session_by_person_and_by_both() {
    let site = Site::start().await;
    let one = site.sign_in("ada", "ada", Some("s-1")).await;
    let two = site.sign_in("ada", "ada", Some("s-2")).await;
    let three = site.sign_in("ada", "ada", None).await;
    let bob = site.sign_in("bob", "bob", Some("s-3")).await;
    let by_hand = site.origin.mint().await.id;
    let standing = async || {
        let mut found = Vec::new();
        for id in [&one, &two, &three, &bob, &by_hand] {
            found.push(site.origin.check(id).await == "live");
        }
        found
    };
    // Both: a session of somebody else's is none of this person's.
    site.log_out(json!({ "sub": "bob", "sid": "s-1" })).await;
    assert_eq!(standing().await, [true, true, true, true, true]);
    site.log_out(json!({ "sub": "ada", "sid": "s-1" })).await;
    assert_eq!(standing().await, [false, true, true, true, true]);
    // The provider's session alone.
    site.log_out(json!({ "sub": null, "sid": "s-3" })).await;
    assert_eq!(standing().await, [false, true, true, false, true]);
    // The person alone: those without a session of the provider's too, and none that the provider knows nothing of.
    site.log_out(json!({ "sub": "ada" })).await;
    assert_eq!(standing().await, [false, false, false, false, true]);
}

#[tokio::test]
async fn our_own_ids_are_none_of_the_providers() {
    let site = Site::start().await;
    let session = site.sign_in("ada", "sub-of-ada", Some("s-1")).await;
    site.log_out(json!({ "sub": null, "sid": session })).await;
    site.log_out(json!({ "sub": "ada" })).await;
    assert_eq!(site.origin.check(&session).await, "live", "neither the session's id nor the actor's");
}

#[tokio::test]
async fn other_issuers_and_other_tenants_are_left_alone() {
    let site = Site::start().await;
    let second = start_provider(&site.origin).await;
    register(&site.origin, "demo", "second", &second.issuer()).await;
    register(&site.origin, "other", "login", &site.provider.issuer()).await;
    let issuer = site.provider.issuer();
    let mine = site.sign_in("ada", "ada", Some("s-1")).await;
    let of_second = sign_in(&site.origin, "demo", "ada", &second.issuer(), "ada", Some("s-1")).await;
    let of_other = sign_in(&site.origin, "other", "ada", &issuer, "ada", Some("s-1")).await;
    let standing = async |id: &str, tenant: &str| {
        let body = json!({ "tenant": tenant, "session": id });
        let answer = site.origin.internal("POST", "/internal/check").json(&body).send().await;
        answer.json()["status"].as_str().unwrap().to_owned()
    };
    // A token of one provider is none of the other's.
    let token = second.logout(&json!({})).sign();
    assert_eq!(site.tell(&token).await.status, 400);
    site.log_out(json!({})).await;
    assert_eq!(standing(&mine, "demo").await, "revoked");
    assert_eq!(standing(&of_second, "demo").await, "live");
    assert_eq!(standing(&of_other, "other").await, "live");
}

#[tokio::test]
async fn a_replay_ends_nothing_more() {
    let site = Site::start().await;
    let first = site.sign_in("ada", "ada", Some("s-1")).await;
    let token = site.provider.logout(&json!({})).sign();
    assert_eq!(site.tell(&token).await.status, 200);
    assert_eq!(site.origin.check(&first).await, "revoked");
    let second = site.sign_in("ada", "ada", Some("s-2")).await;
    for _ in 0..3 {
        assert_eq!(site.tell(&token).await.status, 200);
    }
    assert_eq!(site.origin.check(&second).await, "live");
    site.log_out(json!({})).await;
    assert_eq!(site.origin.check(&second).await, "revoked", "a new one is no replay");
}

#[tokio::test]
async fn what_failed_here_can_be_told_again() {
    let site = Site::start().await;
    let session = site.sign_in("ada", "ada", Some("s-1")).await;
    let token = site.provider.logout(&json!({})).sign();
    let database = site.origin.database().await;
    database.execute("alter table revocations rename to gone").await.unwrap();
    let answer = site.tell(&token).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (503, &json!("database_unavailable")));
    database.execute("alter table gone rename to revocations").await.unwrap();
    assert_eq!(site.tell(&token).await.status, 200);
    assert_eq!(site.origin.check(&session).await, "revoked");
}
