//! `GET /internal/feed/{edge}/{seal}/head`.

use std::time::Duration;

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::revocation::{Head, Position, Revoked, Taken};
use sealgate_shared::secret::Secret32;
use serde_json::json;

use crate::follower::{Follower, revoked, session};
use crate::kit::{Ask, Minted, Origin};

async fn revoke(origin: &Origin, minted: &Minted) {
    assert_eq!(origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await.status, 200);
}

#[tokio::test]
async fn it_is_sealed_to_the_edge_and_repeats_the_challenge() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    let answer = edge.ask_head().header("x-sealgate-challenge", "Once-42").send().await;
    assert_eq!(answer.headers["cache-control"], "no-store", "for the one who asked");
    let head = edge.open(&answer);
    let keyring = origin.database().await.number("select value from counters where name = 'keyring'").await;
    let expected = Head {
        challenge: "Once-42".to_owned(),
        position: Position { epoch: 1, sequence: 0 },
        after: 0,
        keyring: keyring.unsigned_abs(),
        snapshot: 0,
        entries: Vec::new(),
    };
    assert_eq!(head, expected);

    let shared = edge.ask_head().send().await;
    assert_eq!(shared.headers["cache-control"], "public, max-age=1, must-revalidate");
    assert_eq!(edge.open(&shared), Head { challenge: String::new(), ..expected });
    assert_ne!(shared.body, edge.ask_head().send().await.body, "never the same twice");
    let stranger = EdgeSecret::new(Secret32::new([7; 32]));
    assert!(Head::open(&shared.body, &edge.id, &stranger).is_err());
    assert!(Head::open(&shared.body, &"narrow".parse().unwrap(), &edge.secret).is_err());
}

#[tokio::test]
async fn each_edge_has_an_address_and_gets_nothing_at_another() {
    let origin = Origin::start().await;
    let (edge, narrow) = (Follower::new(&origin), Follower::create(&origin, "narrow", &["other"]).await);
    let seal = edge.secret.seal_id();
    for document in ["head", "snapshot/1/0"] {
        assert_eq!(edge.ask(&edge.path(document)).send().await.status, 200);
        for path in [
            narrow.path(document),
            format!("/internal/feed/narrow/{seal}/{document}"),
            format!("/internal/feed/dev/{}/{document}", narrow.secret.seal_id()),
            format!("/internal/feed/dev/{}/{document}", &seal[1..]),
            format!("/internal/feed/DEV/{seal}/{document}"),
        ] {
            edge.ask(&path).refused(404, "no_such_feed").await;
        }
        let ask = |credential: &str| origin.private("GET", &edge.path(document)).header("x-sealgate-edge", credential);
        ask(&narrow.credential).refused(404, "no_such_feed").await;
        ask("dev.AAAA").refused(401, "edge_credential").await;
        origin.private("GET", &edge.path(document)).refused(401, "edge_credential").await;
    }
}

#[tokio::test]
async fn while_a_secret_is_rotated_each_has_its_own_address() {
    let origin = Origin::start().await;
    let old = Follower::new(&origin);
    let secret = EdgeSecret::new(origin.app.office().rotate_edge(&old.id).await.unwrap());
    let mut new = Follower::new(&origin);
    (new.credential, new.secret) = (secret.credential(&new.id), secret);
    for edge in [&old, &new] {
        assert_eq!(edge.head().await.position.sequence, 0);
    }
    old.ask(&new.path("head")).refused(404, "no_such_feed").await;
    new.ask(&old.path("head")).refused(404, "no_such_feed").await;
    origin.app.office().finish_edge_rotation(&new.id).await.unwrap();
    old.ask_head().refused(401, "edge_credential").await;
    new.head().await;
}

#[tokio::test]
async fn what_is_not_a_challenge_or_a_position_is_refused() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    for challenge in ["", "a b", "a_b", "ü", &"a".repeat(65)] {
        let ask = edge.ask_head().header("x-sealgate-challenge", challenge);
        ask.refused_field("invalid_field", "x-sealgate-challenge").await;
    }
    for position in ["", "1", "1.", "1.-1", "1.2.3"] {
        let ask = edge.ask_head().header("x-sealgate-position", position);
        ask.refused_field("invalid_field", "x-sealgate-position").await;
    }
    let longest = "a".repeat(64);
    let answer = edge.ask_head().header("x-sealgate-challenge", &longest).send().await;
    assert_eq!(edge.open(&answer).challenge, longest);
}

#[tokio::test]
async fn a_revocation_that_was_acknowledged_is_in_the_next_head_whoever_made_it() {
    let origin = Origin::start().await;
    let other = origin.start_another().await;
    let mut edge = Follower::new(&origin);
    assert_eq!(edge.follow().await, Taken::Complete);
    for number in 1..=10 {
        let minted = origin.mint().await;
        let revoker = if number % 2 == 0 { &origin.app } else { &other };
        let path = format!("/v1/sessions/{}", minted.id);
        let answer = Ask::new(revoker.private_router(), "DELETE", &path).bearer(&origin.token).send().await;
        assert_eq!(answer.status, 200);
        let head = edge.head().await;
        assert_eq!(head.position, Position { epoch: 1, sequence: number });
        assert_eq!(revoked(&head).last(), Some(&session(&minted)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_so_for_many_who_ask_at_once_and_while_the_database_is_followed() {
    let origin = Origin::start().await;
    let app = origin.app.clone();
    let following = tokio::spawn(async move { app.office().keep_following(true).await });
    let other = origin.start_another().await;
    let mut asking = Vec::new();
    for _ in 0..8 {
        let edge = Follower::new(&origin);
        let (revoker, token) = (other.private_router(), origin.token.clone());
        let minted = [origin.mint().await, origin.mint().await, origin.mint().await, origin.mint().await];
        asking.push(tokio::spawn(async move {
            for minted in minted {
                let path = format!("/v1/sessions/{}", minted.id);
                Ask::new(revoker.clone(), "DELETE", &path).bearer(&token).send().await;
                assert!(revoked(&edge.head().await).contains(&session(&minted)));
            }
        }));
    }
    for one in asking {
        one.await.unwrap();
    }
    following.abort();
}

#[tokio::test]
async fn an_edge_is_told_of_its_own_tenants_alone() {
    let origin = Origin::start().await;
    let narrow = Follower::create(&origin, "narrow", &["other"]).await;
    let (one, two) = (origin.mint().await, origin.mint().await);
    revoke(&origin, &one).await;
    origin.app.office().disable_tenant(&"other".parse().unwrap()).await.unwrap();
    origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;

    let head = narrow.head().await;
    assert_eq!((head.position.sequence, head.after, head.entries.len()), (3, 0, 1));
    assert!(matches!(&head.entries[0].revoked, Revoked::Tenant { tenant, .. } if tenant.as_str() == "other"));
    let mut set = sealgate_shared::revocation::RevocationSet::new();
    narrow.load(head.position, &mut set).await;
    assert_eq!(set.len(), 1);
    let all = Follower::new(&origin).head().await;
    assert_eq!(all.entries.len(), 3);
    assert_eq!(all.entries[0].revoked, session(&one));
    assert!(
        matches!(&all.entries[2].revoked, Revoked::Actor { actor_id, .. } if actor_id.as_str() == "ada"),
        "{two:?}",
        two = two.id
    );
}

#[tokio::test]
async fn an_edge_that_comes_to_serve_a_tenant_is_told_of_what_was_revoked_before() {
    let origin = Origin::start().await;
    let mut narrow = Follower::create(&origin, "narrow", &["other"]).await;
    let minted = origin.mint().await;
    revoke(&origin, &minted).await;
    origin.wait(Duration::from_secs(61));
    assert_eq!(narrow.follow().await, Taken::Gap(Position { epoch: 1, sequence: 1 }));
    assert_eq!(narrow.follow().await, Taken::Complete);
    assert_eq!(narrow.set.len(), 0);
    let store = origin.app.office().store();
    assert!(store.serve_tenant(&narrow.id, &"demo".parse().unwrap(), origin.app.office().now()).await.unwrap());
    assert!(matches!(narrow.follow().await, Taken::Gap(_)), "what it held was of fewer tenants");
    assert_eq!(narrow.set.len(), 1);
    assert!(store.is_vouched().await.unwrap());
}

#[tokio::test]
async fn a_deleted_tenant_goes_with_its_keys() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    let before = edge.head().await;
    let demo = "demo".parse().unwrap();
    origin.app.office().disable_tenant(&demo).await.unwrap();
    let disabled = edge.head().await;
    assert!(disabled.keyring > before.keyring);
    assert!(matches!(&disabled.entries[0].revoked, Revoked::Tenant { tenant, .. } if *tenant == demo));
    origin.app.office().delete_tenant(&demo).await.unwrap();
    let deleted = edge.head().await;
    // The edge serves the tenant no longer, and is not to use a keyring that still has its keys.
    assert!(deleted.keyring > disabled.keyring);
    assert_eq!((deleted.position.sequence, deleted.entries.len()), (2, 0));
}

#[tokio::test]
async fn each_act_is_one_entry() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    let told = async || edge.head().await.entries.len();
    let office = origin.app.office();
    for _ in 0..5 {
        origin.mint().await;
    }
    let kept = origin.mint().await;
    revoke(&origin, &kept).await;
    assert_eq!(told().await, 1);
    let kept = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/actors/user/ada/sessions?except={}", kept.id)).send().await;
    assert_eq!(told().await, 2);
    origin.mint_with(json!({ "actor_id": "bob" })).await;
    origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;
    assert_eq!(told().await, 3);
    let demo = "demo".parse().unwrap();
    let key = sealgate_shared::token::Sealed::parse(&kept.access).unwrap().kid();
    office.revoke_keys(&demo, key, false).await.unwrap();
    assert_eq!(told().await, 4);
    assert_eq!(edge.head().await.entries[3].revoked, Revoked::Key(key));
    office.disable_tenant(&demo).await.unwrap();
    assert_eq!(told().await, 5);
    let head = edge.head().await;
    assert_eq!((head.position.sequence, head.after), (5, 0));
}

#[tokio::test]
async fn after_a_minute_an_entry_is_in_the_snapshot_alone() {
    let origin = Origin::start().await;
    let (one, two) = (origin.mint().await, origin.mint().await);
    let mut early = Follower::new(&origin);
    revoke(&origin, &one).await;
    assert_eq!(early.follow().await, Taken::Complete);
    origin.wait(Duration::from_mins(1));
    revoke(&origin, &two).await;
    assert_eq!(early.head().await.entries.len(), 2);
    origin.wait(Duration::from_millis(1));
    for app in [origin.app.clone(), origin.start_another().await] {
        let mut late = Follower::new(&origin);
        late.turn_to(&app);
        let head = late.head().await;
        assert_eq!((head.after, revoked(&head)), (1, vec![session(&two)]), "also where it was just started");
        assert!(matches!(late.follow().await, Taken::Gap(_)));
        assert_eq!(late.set.len(), 2);
    }
    assert_eq!(early.follow().await, Taken::Complete, "it holds what the head lacks");
}

#[tokio::test]
async fn what_was_swept_leaves_no_gap() {
    let origin = Origin::start().await;
    let mut edge = Follower::new(&origin);
    for _ in 0..3 {
        let minted = origin.mint().await;
        revoke(&origin, &minted).await;
    }
    edge.follow().await;
    origin.wait(Duration::from_hours(48));
    assert_eq!(origin.app.office().housekeep(&origin.config.housekeeping).await.revocations, 3);
    for app in [origin.app.clone(), origin.start_another().await] {
        edge.turn_to(&app);
        assert_eq!(edge.follow().await, Taken::Complete);
        let mut fresh = Follower::new(&origin);
        fresh.turn_to(&app);
        fresh.follow().await;
        assert_eq!((fresh.set.position(), fresh.set.len()), (Some(Position { epoch: 1, sequence: 3 }), 0));
    }
}

#[tokio::test]
async fn without_the_database_there_is_no_head_whatever_is_in_memory() {
    let origin = Origin::start().await;
    let app = origin.app.clone();
    let following = tokio::spawn(async move { app.office().keep_following(true).await });
    let edge = Follower::new(&origin);
    while origin.mint().await.id.is_empty() || edge.head().await.position.sequence > 0 {}
    origin.app.office().store().close().await;
    for _ in 0..5 {
        let answer = edge.ask_head().refused(503, "database_unavailable").await;
        assert_eq!(answer.headers["retry-after"], "1");
    }
    following.abort();
}
