//! What is written down and what it tells of are one: neither is there without the other.

use std::collections::BTreeMap;

use sealgate_origin::credential::{Password, ServiceToken};
use sealgate_origin::office::{Office, SetBreakGlass};
use sealgate_origin::oidc::{ProviderId, ProviderSettings};
use sealgate_origin::session::{Actor, RevokedReason};
use sealgate_origin::store::{
    ChangeActor, Logout, ProviderChange, ProviderOutcome, ProviderPut, RevokeActor, RightGuess, RolesChange,
    SecretChange,
};
use sealgate_shared::id::{EdgeId, TenantId};
use serde_json::json;

use super::break_audit;
use crate::kit::database::Backdoor;
use crate::kit::{Minted, Origin};

/// An origin that has something of everything, and a session.
async fn start() -> (Origin, Minted) {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let demo = "demo".parse().unwrap();
    let asleep = "asleep".parse().unwrap();
    office.create_tenant(&asleep, &[]).await.unwrap();
    office.disable_tenant(&asleep).await.unwrap();
    for id in ["on", "off"] {
        office.add_oidc_provider(&demo, &id.parse().unwrap(), &provider("One"), None).await.unwrap();
    }
    office.change_oidc_provider(&demo, &"off".parse().unwrap(), &ProviderChange::Disable).await.unwrap();
    office.set_break_glass(password(&demo, &operator(), None)).await.unwrap();
    let minted = origin.mint().await;
    (origin, minted)
}

fn provider(name: &str) -> ProviderSettings {
    let settings = ProviderSettings::new(name, "https://login.example".parse().unwrap(), "c");
    ProviderSettings { shares_actors: true, ..settings }
}

fn operator() -> Actor {
    Actor { kind: "operator".parse().unwrap(), id: "ada".parse().unwrap() }
}

fn password<'a>(tenant: &'a TenantId, actor: &'a Actor, assurance: Option<u8>) -> SetBreakGlass<'a> {
    let password = Password::new("correct horse battery".to_owned());
    SetBreakGlass { tenant, actor, password, roles: RolesChange::Keep, assurance }
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
        ("providers as they were", "select count(*) from oidc_providers where name = 'One'"),
        ("that which is on", "select count(*) from oidc_providers where id = 'on' and enabled = true"),
        ("that which is off", "select count(*) from oidc_providers where id = 'off' and enabled = false"),
        ("logouts", "select count(*) from oidc_logouts"),
        ("passwords as they were", "select count(*) from break_glass where assurance = 0"),
        ("passwords used", "select count(*) from break_glass where used_at is not null"),
        ("lanes", "select count(*) from break_glass_lanes"),
        ("audit", "select count(*) from audit"),
    ] {
        found.insert(name, database.number(sql).await);
    }
    found
}

/// Does everything that is written down; how much of it was done.
async fn do_everything(origin: &Origin, session: &str) -> usize {
    // In this order: at last the tenant goes.
    change_providers(origin).await + use_passwords(origin, session).await + do_the_rest(origin, session).await
}

async fn change_providers(origin: &Origin) -> usize {
    let office: &Office = origin.app.office();
    let (demo, on): (TenantId, ProviderId) = ("demo".parse().unwrap(), "on".parse().unwrap());
    let (one, two, now) = (provider("One"), provider("Two"), office.now());
    let change = async |id: &str, change| {
        let outcome = office.change_oidc_provider(&demo, &id.parse().unwrap(), &change).await;
        matches!(outcome, Ok(ProviderOutcome::Done))
    };
    let put = |settings| ProviderPut { settings, secret: SecretChange::Keep };
    let logout = Logout {
        tenant: &demo,
        provider: &on,
        issuer: "https://login.example",
        subject: Some("ada"),
        sid: None,
        jti: "1",
        issued_at: now,
        expires_at: now.plus(3_600_000),
    };
    count(&[
        change("new", ProviderChange::Add(put(&one))).await,
        change("on", ProviderChange::Replace(put(&two))).await,
        change("off", ProviderChange::Enable).await,
        change("on", ProviderChange::Disable).await,
        change("off", ProviderChange::Remove).await,
        office.store().end_by_logout(&logout, now).await.is_ok(),
    ])
}

async fn use_passwords(origin: &Origin, session: &str) -> usize {
    let (office, database): (&Office, _) = (origin.app.office(), origin.database().await);
    let (tenant, actor) = (&"demo".parse().unwrap(), &operator());
    let hashes = database.rows::<(String,)>("select password_hash from break_glass").await;
    let (password_hash, session) = (&hashes[0].0, session.parse().unwrap());
    let right = RightGuess { tenant, actor, password_hash, session, counted: &[], detail: None };
    let address = Some("203.0.113.7".parse().unwrap());
    count(&[
        matches!(office.store().settle_guess(&right, office.now()).await, Ok(true)),
        matches!(office.unlock_break_glass(tenant, &actor.id, address).await, Ok(true)),
        office.set_break_glass(password(tenant, actor, Some(1))).await.is_ok(),
        matches!(office.remove_break_glass(tenant, &actor.id).await, Ok(Some(_))),
    ])
}

async fn do_the_rest(origin: &Origin, session: &str) -> usize {
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
    count(&[
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
        matches!(office.enable_tenant(&"asleep".parse().unwrap()).await, Ok(true)),
        office.delete_tenant(&demo).await.is_ok(),
    ])
}

fn count(done: &[bool]) -> usize {
    done.iter().filter(|done| **done).count()
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let (origin, minted) = start().await;
    let database = origin.database().await;
    let before = survey(&database).await;
    break_audit(&database).await;
    assert_eq!(do_everything(&origin, &minted.id).await, 0, "each of them is refused");
    assert_eq!(survey(&database).await, before);
}

#[tokio::test]
async fn and_otherwise_it_is() {
    let (origin, minted) = start().await;
    assert_eq!(do_everything(&origin, &minted.id).await, 26, "the test above tries what works");
}
