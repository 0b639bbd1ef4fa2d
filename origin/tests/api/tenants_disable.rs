//! Disabling a tenant: its sessions die at once, and nobody gets a new one.

use std::time::Duration;

use sealgate_shared::id::TenantId;
use serde_json::{Value, json};

use super::internal_keyring::open_ring;
use super::tenants::Operator;
use crate::kit::Origin;
use crate::kit::database::Moment;

/// Number, kind, tenant, session, what it hits was issued before, end.
type Entry = (i64, String, String, Option<String>, Option<Moment>, Moment);

async fn keys_of(origin: &Origin, tenant: &str) -> usize {
    open_ring(origin).await.keys.iter().filter(|key| key.tenant.as_str() == tenant).count()
}

#[tokio::test]
async fn its_sessions_die_at_once_and_its_keys_leave_the_ring() {
    let operator = Operator::start().await;
    let origin = &operator.origin;
    let (one, two) = (origin.mint().await, origin.mint_with(json!({ "actor_id": "bob" })).await);
    let version = open_ring(origin).await.version;
    origin.wait(Duration::from_mins(1));

    let disabled = operator.must("POST", "/v1/tenants/demo/disable", 200).await;
    assert_eq!(disabled["disabled_at"], "2026-06-01T12:01:00.000Z");
    assert_eq!(disabled["live_sessions"], 0);
    for session in [&one, &two] {
        assert_eq!(origin.check(&session.id).await, "revoked");
        let shown = origin.v1("GET", &format!("/v1/sessions/{}", session.id)).send().await.json();
        assert_eq!((&shown["status"], &shown["revoked_reason"]), (&json!("revoked"), &json!("admin")));
    }
    assert!(open_ring(origin).await.version > version, "an edge is told");
    assert_eq!((keys_of(origin, "demo").await, keys_of(origin, "other").await), (0, 2));
}

#[tokio::test]
async fn nobody_signs_in_until_it_is_enabled_and_what_ended_stays_ended() {
    let operator = Operator::start().await;
    let origin = &operator.origin;
    let before = origin.mint().await;
    // It has the tenant's keys in memory, and nobody tells it.
    let another = origin.start_another().await;
    another.office().keys(&"demo".parse::<TenantId>().unwrap()).await.unwrap();
    operator.must("POST", "/v1/tenants/demo/disable", 200).await;

    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    for router in [origin.app.private_router(), another.private_router()] {
        let ask = crate::kit::Ask::new(router, "POST", "/v1/sessions").bearer(&origin.token).json(&body);
        ask.refused(403, "tenant_disabled").await;
    }
    for (method, path) in [("GET", "/auth/session"), ("GET", "/auth/login"), ("POST", "/auth/logout")] {
        origin.browser(method, path).cookie(&before.cookie).refused(403, "tenant_disabled").await;
    }
    origin.browser("POST", "/auth/login").form("name=ada").refused(403, "tenant_disabled").await;
    let other = origin.browser("GET", "/auth/session").header("x-sealgate-tenant", "other");
    other.refused(401, "missing").await;

    let enabled = operator.must("POST", "/v1/tenants/demo/enable", 200).await;
    assert_eq!(enabled["disabled_at"], Value::Null);
    assert_eq!(keys_of(origin, "demo").await, 2);
    origin.browser("GET", "/auth/session").cookie(&before.cookie).refused(401, "revoked").await;
    let after = origin.mint().await;
    assert_eq!(origin.browser("GET", "/auth/session").cookie(&after.cookie).send().await.status, 200);
    assert_eq!((origin.check(&before.id).await, origin.check(&after.id).await), ("revoked".into(), "live".into()));
}

#[tokio::test]
async fn it_is_one_mark_in_the_sequence_and_repetitions_are_none() {
    let operator = Operator::start().await;
    let origin = &operator.origin;
    let (_, ended) = (origin.mint().await, origin.mint().await);
    origin.v1("DELETE", &format!("/v1/sessions/{}", ended.id)).send().await;
    origin.database().await.execute("update sessions set label = null").await.unwrap();
    let first = operator.must("POST", "/v1/tenants/demo/disable", 200).await;
    origin.wait(Duration::from_secs(1));
    assert_eq!(operator.must("POST", "/v1/tenants/demo/disable", 200).await, first);
    operator.must("POST", "/v1/tenants/demo/enable", 200).await;
    operator.must("POST", "/v1/tenants/demo/enable", 200).await;

    let sql = "select sequence, kind, tenant, session, issued_before, expires_at from revocations order by sequence";
    let entries: Vec<Entry> = origin.database().await.rows(sql).await;
    let moment = |text: &str| Moment(text.to_owned());
    assert_eq!(entries.len(), 2);
    let expected = (
        2,
        "tenant".to_owned(),
        "demo".to_owned(),
        None,
        // Issued in this very millisecond, they are hit.
        Some(moment("2026-06-01T12:00:00.001Z")),
        moment("2026-06-01T12:15:00.001Z"),
    );
    assert_eq!(entries[1], expected);
    let shown = origin.v1("GET", &format!("/v1/sessions/{}", ended.id)).send().await.json();
    assert_eq!(shown["revoked_at"], "2026-06-01T12:00:00.000Z");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_session_slips_in_while_it_is_disabled() {
    let operator = Operator::start().await;
    let origin = &operator.origin;
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    let mint = async || {
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(origin.v1("POST", "/v1/sessions").json(&body).send().await.status.as_u16());
        }
        statuses
    };
    let disable = async || {
        tokio::time::sleep(Duration::from_millis(20)).await;
        operator.must("POST", "/v1/tenants/demo/disable", 200).await;
    };
    let (one, two, three, ()) = tokio::join!(mint(), mint(), mint(), disable());
    let statuses = [one, two, three].concat();
    assert!(statuses.iter().all(|status| matches!(status, 201 | 403)), "{statuses:?}");
    let live = "select count(*) from sessions where revoked_at is null";
    assert_eq!(origin.database().await.number(live).await, 0);
    let stored = origin.database().await.number("select count(*) from sessions").await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), usize::try_from(stored).unwrap());
}
