//! What is written down and what it tells of are one: neither is there without the other.

use std::collections::BTreeMap;

use sealgate_origin::credential::ServiceToken;
use sealgate_origin::office::Office;
use sealgate_origin::session::{Actor, RevokedReason};
use sealgate_origin::store::{ChangeActor, RevokeActor};
use sealgate_shared::id::{EdgeId, TenantId};
use serde_json::json;

use crate::kit::Origin;
use crate::kit::database::Backdoor;

/// Whatever the audit table is told is refused from here on.
async fn break_audit(database: &Backdoor) {
    match database {
        Backdoor::Sqlite(_) => {
            let broken = "create trigger broken before insert on audit begin select raise(abort, 'broken'); end";
            database.execute(broken).await.unwrap();
        }
        Backdoor::Postgres(_) => {
            database.execute("alter table audit add check (id < 0) not valid").await.unwrap();
        }
    }
}

/// How much there is of everything, and in which state.
async fn survey(database: &Backdoor) -> BTreeMap<&'static str, i64> {
    let mut found = BTreeMap::new();
    for (name, sql) in [
        ("sessions", "select count(*) from sessions"),
        ("revoked sessions", "select count(*) from sessions where revoked_at is not null"),
        ("revocations", "select count(*) from revocations"),
        ("keys", "select count(*) from signing_keys"),
        ("active keys", "select count(*) from signing_keys where state = 'active'"),
        ("revoked keys", "select count(*) from signing_keys where state = 'revoked'"),
        ("tenants", "select count(*) from tenants where disabled_at is null"),
        ("hosts", "select count(*) from tenant_hosts"),
        ("tokens", "select count(*) from service_tokens where revoked_at is null"),
        ("edges", "select count(*) from edges where revoked_at is null"),
        ("second secrets", "select count(*) from edges where next_sealed_secret is not null"),
        ("edges' tenants", "select count(*) from edge_tenants"),
        ("actors", "select count(*) from actors"),
        ("audit", "select count(*) from audit"),
    ] {
        found.insert(name, database.number(sql).await);
    }
    found
}

/// Does everything that is written down; how much of it was done.
async fn do_everything(origin: &Origin, session: &str) -> usize {
    let office: &Office = origin.app.office();
    let (demo, other): (TenantId, TenantId) = ("demo".parse().unwrap(), "other".parse().unwrap());
    let edge: EdgeId = "dev".parse().unwrap();
    let actor = Actor { kind: "user".parse().unwrap(), id: "ada".parse().unwrap() };
    let token = ServiceToken::read_id(&origin.token);
    let change = ChangeActor { tenant: &demo, actor: &actor, roles: None, assurance: Some(1), at_once: true };
    let revoke = RevokeActor { tenant: &demo, actor: &actor, except: None, reason: RevokedReason::Admin };
    let keys = office.store().list_keys(&other, office.now()).await.unwrap();
    let hosts = ["shop.test".parse().unwrap()];
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    [
        origin.v1("POST", "/v1/sessions").json(&body).send().await.status == 201,
        office.revoke_session(&demo, session.parse().unwrap(), RevokedReason::Admin).await.is_ok(),
        office.revoke_actor(&revoke).await.is_ok(),
        office.change_actor(&change).await.is_ok(),
        office.rotate(&demo).await.is_ok(),
        office.revoke_keys(&other, keys[0].id, false).await.is_ok(),
        office.create_tenant(&"new".parse().unwrap(), &[]).await.is_ok(),
        office.replace_hosts(&other, &hosts).await.is_ok(),
        office.create_operator_token("ops").await.is_ok(),
        office.store().revoke_service_token(token, office.now()).await.is_ok(),
        office.rotate_edge(&edge).await.is_ok(),
        office.create_edge(&"new".parse().unwrap(), &[]).await.is_ok(),
        office.store().revoke_edge(&edge, office.now()).await.is_ok(),
        office.disable_tenant(&other).await.is_ok(),
        office.delete_tenant(&demo).await.is_ok(),
    ]
    .into_iter()
    .filter(|done| *done)
    .count()
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let database = origin.database().await;
    let before = survey(&database).await;
    break_audit(&database).await;
    assert_eq!(do_everything(&origin, &minted.id).await, 0, "each of them is refused");
    assert_eq!(survey(&database).await, before);
}

#[tokio::test]
async fn and_otherwise_it_is() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    assert_eq!(do_everything(&origin, &minted.id).await, 15, "the test above tries what works");
}
