//! How the databases go about what is asked all the time: by an index, never through a whole table.
//!
//! The statements are those that the store runs; it tells the log which.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, Once};
use std::thread::ThreadId;

use sealgate_origin::session::{Cursor, RevokedReason, Session};
use sealgate_origin::store::{
    ChangeActor, LimitSessions, ListPage, RelabelSession, RevokeActor, SessionChange, Stretch, Sweep,
};
use sealgate_test_database::Engine;
use sqlx::AssertSqlSafe;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::kit::database::Backdoor;
use crate::setting::{Setting, actor, session_id};

/// Rows in each table: enough for an index to be worth its while.
const MANY: u32 = 10_000;

#[tokio::test]
async fn sqlite() {
    every_hot_statement_uses_an_index(Engine::Sqlite).await;
}

#[tokio::test]
async fn postgres() {
    every_hot_statement_uses_an_index(Engine::Postgres).await;
}

async fn every_hot_statement_uses_an_index(engine: Engine) {
    let setting = Setting::on(engine).await;
    fill(&setting.database).await;
    let statements = statements_of(async {
        run_everything_hot(&setting).await;
        keep_house(&setting).await;
    });
    let statements = statements.await;
    assert!(statements.len() >= 20, "they are heard: {statements:#?}");
    for sql in &statements {
        let plan = explain(&setting.database, sql).await;
        let scanned: Vec<&String> = plan.iter().filter(|step| is_scan_of_a_table(step)).collect();
        assert!(scanned.is_empty(), "{sql}\n{plan:#?}");
        // The index has the order: a page costs what it holds. Two pages are put in order where two indexes have them.
        if sql.contains("order by created_at desc") && !sql.contains("union all") {
            let sorted = plan.iter().any(|step| step.contains("Sort") || step.contains("TEMP B-TREE"));
            assert!(!sorted, "{sql}\n{plan:#?}");
        }
    }
}

/// What requests, edges and followers ask.
async fn run_everything_hot(setting: &Setting) {
    let (store, demo, now) = (&setting.store, &setting.demo, setting.now);
    let ada = actor("user", "ada");
    let session = setting.session(MANY + 1).await;
    store.insert_session(&session).await.unwrap();
    store.session(demo, session.id).await.unwrap().unwrap();
    store.session_facts(session.id).await.unwrap().unwrap();
    store.tenant_of_session(session.id).await.unwrap().unwrap();
    for after in [None, Some(Cursor { created_at: now, id: session_id(7) })] {
        let page = ListPage { tenant: demo, actor: &ada, after, limit: 20 };
        store.live_sessions(&page, now).await.unwrap();
        store.all_sessions(&page).await.unwrap();
    }
    refresh(setting, &session).await;
    store.revoke_session(demo, session.id, RevokedReason::SignOut, now).await.unwrap();
    let request = RevokeActor { tenant: demo, actor: &ada, except: None, reason: RevokedReason::Admin };
    store.revoke_actor(&request, now).await.unwrap().unwrap();
    let keep = Session { issued_at: now.plus(1), ..setting.session(MANY + 2).await };
    store.insert_session(&keep).await.unwrap();
    let request = RevokeActor { except: Some(keep.id), ..request };
    store.revoke_actor(&request, now).await.unwrap().unwrap();

    store.acquaintance(demo, &ada, now, 100).await.unwrap();
    let request = LimitSessions { tenant: demo, actor: &ada, newest: keep.id, limit: 1 };
    store.limit_sessions(&request, now).await.unwrap();
    store.actor_attributes(demo, &ada).await.unwrap();
    store.count_live(demo, &ada, now).await.unwrap();
    let change = ChangeActor { tenant: demo, actor: &ada, roles: None, assurance: Some(1), at_once: true };
    store.change_actor(&change, now).await.unwrap();
    let request = RelabelSession { tenant: demo, actor: &ada, id: keep.id, label: Some("phone") };
    store.relabel_session(&request, now).await.unwrap();

    store.service_token("AAAAAAAAAAA").await.unwrap();
    store.edge(&"dev".parse().unwrap()).await.unwrap().unwrap();
    store.tenant(demo).await.unwrap().unwrap();
    store.keys_of(demo).await.unwrap();
    store.list_keys(demo, now).await.unwrap();
    store.tenant_of_key(session.signing_key).await.unwrap().unwrap();
    store.keyring_version().await.unwrap();
    store.token_lifetime().await.unwrap();
    store.standing().await.unwrap();
    store.revocations_after(u64::from(MANY) - 10).await.unwrap();
    let stretch = Stretch { after: 10, up_to: u64::from(MANY), alive_at: now };
    store.revocations_within(stretch).await.unwrap();
    store.first_alive(now).await.unwrap().unwrap();
    store.earliest_issue(demo, &ada).await.unwrap().unwrap();
    store.check_ready().await.unwrap();
    store.site(demo, "demo.test").await.unwrap().unwrap();
    store.show_tenant(demo, now).await.unwrap().unwrap();
}

/// Refreshes as they may come.
async fn refresh(setting: &Setting, session: &Session) {
    let (store, demo, now) = (&setting.store, &setting.demo, setting.now);
    let facts = async || store.refresh_facts(demo, session.id).await.unwrap().unwrap();
    let before = facts().await;
    store.note_presented(&before, now).await.unwrap();
    let before = facts().await;
    let stay = Session { previous_generation: None, previous_signing_key: None, ..before.session.clone() };
    let on = Session { generation: 1, issued_at: now.plus(1), ..stay.clone() };
    for after in [&stay, &on] {
        let change = SessionChange { before: &before, after, now };
        store.answer_late(&change, "").await.unwrap();
        store.step_session(&change).await.unwrap();
    }
    store.end_reused(&before, "", now).await.unwrap();
    store.audit(Some(demo), 10).await.unwrap();
}

/// What is looked through from time to time, for what is over.
async fn keep_house(setting: &Setting) {
    let (store, before) = (&setting.store, setting.now.minus(86_400_000));
    for what in
        [Sweep::ExpiredSessions, Sweep::RevokedSessions, Sweep::PreLogin, Sweep::Revocations, Sweep::PersonalData]
    {
        assert_eq!(store.sweep(what, before, 100).await.unwrap(), 0);
    }
    store.keys_active_since(before).await.unwrap();
    store.withdraw_keys(before).await.unwrap();
    store.destroy_keys(before).await.unwrap();
}

/// Many rows for each table, by the database's own means.
async fn fill(database: &Backdoor) {
    let at = "'2026-06-01T12:00:00.000Z'";
    let number = "substr(cast(10000000 + n as text), 2)";
    let numbers =
        format!("with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {MANY})");
    let few = "substr(cast(10000001 + n % 2000 as text), 2)";
    let tenant = format!("'t' || {few}");
    let key = "(select id from signing_keys where tenant = 'demo' and state = 'active')";
    for statement in [
        format!(
            "insert into tenants (id, fingerprint_key, created_at) {numbers} \
             select 't' || {number}, fingerprint_key, created_at from numbers, tenants where tenants.id = 'demo'"
        ),
        format!(
            "insert into signing_keys (id, tenant, state, created_at, activated_at, retired_at, destroyed_at) {numbers} \
             select 'sk-AAA' || {number} || 'A', 't' || {number}, 'destroyed', {at}, {at}, {at}, {at} from numbers"
        ),
        // Each tenant has a few; `ada` of `demo` has a hundred; three of four were revoked.
        format!(
            "insert into sessions (id, tenant, actor_type, actor_id, issued_at, access_expires_at, signing_key, channel, \
             idle_expires_at, absolute_expires_at, created_at, last_seen_at, authenticated_at, remember, assurance, roles, \
             revoked_at, revoked_reason) {numbers} \
             select 'ses-AAAAAAAAAAAAAA' || {number} || 'A', case when n % 40 = 0 then 'demo' else {tenant} end, 'user', \
             case when n % 40 = 0 then 'ada' else 'actor-' || cast(n % 500 as text) end, \
             {at}, '2026-06-01T12:15:00.000Z', case when n % 40 = 0 then {key} else 'sk-AAA' || {few} || 'A' end, 'cookie', '2026-06-01T13:00:00.000Z', '2026-06-01T20:00:00.000Z', \
             {at}, {at}, {at}, false, 0, '', case when n % 4 = 0 then null else tenants.created_at end, \
             case when n % 4 = 0 then null else 'admin' end from numbers, tenants where tenants.id = 'demo'"
        ),
        format!(
            "insert into revocations (sequence, kind, tenant, session, created_at, expires_at) {numbers} \
             select n, 'session', 'demo', 'ses-AAAAAAAAAAAAAA' || {number} || 'A', {at}, {at} from numbers"
        ),
        // Many marks: every second actor's, every fourth tenant's.
        format!(
            "insert into revocations (sequence, kind, tenant, actor_type, actor_id, issued_before, created_at, expires_at) \
             {numbers} select {MANY} + n, case when n % 4 < 2 then 'actor' else 'tenant' end, {tenant}, \
             case when n % 4 < 2 then 'user' end, case when n % 4 < 2 then 'actor-' || cast(n % 500 as text) end, \
             {at}, {at}, {at} from numbers"
        ),
        format!("update counters set value = 2 * {MANY} where name = 'revocations'"),
        format!(
            "insert into service_tokens (id, tenant, name, secret_hash, scopes, created_at) {numbers} \
             select 'AAAA' || {number}, 'demo', 'n', substr(fingerprint_key, 1, 32), '', created_at \
             from numbers, tenants where tenants.id = 'demo'"
        ),
        format!(
            "insert into edges (id, sealed_secret, auth_hash, created_at) {numbers} \
             select 'e' || {number}, fingerprint_key, substr(fingerprint_key, 1, 32), created_at \
             from numbers, tenants where tenants.id = 'demo'"
        ),
        format!(
            "insert into tenant_hosts (host, tenant) {numbers} select {number} || '.test', 't' || {number} from numbers"
        ),
        format!("insert into audit (at, tenant, event) {numbers} select {at}, {tenant}, 'session.late' from numbers"),
        format!(
            "insert into actors (tenant, actor_type, actor_id, updated_at) {numbers} \
             select {tenant}, 'user', 'actor-' || {number}, {at} from numbers"
        ),
        format!("insert into edge_tenants (edge, tenant) {numbers} select 'e' || {number}, 'demo' from numbers"),
        "analyze".to_owned(),
    ] {
        database.execute(&statement).await.unwrap();
    }
}

async fn explain(database: &Backdoor, sql: &str) -> Vec<String> {
    match database {
        Backdoor::Sqlite(pool) => {
            let query = AssertSqlSafe(format!("explain query plan {sql}"));
            let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(query).fetch_all(pool).await.unwrap();
            steps.into_iter().map(|step| step.3).collect()
        }
        Backdoor::Postgres(pool) => {
            // For whatever arguments: that is what it does once it has seen a statement a few times.
            let query = AssertSqlSafe(format!("explain (generic_plan) {}", with_a_limit(sql)));
            let lines = sqlx::raw_sql(query).fetch_all(pool).await.unwrap();
            lines.iter().map(|line| sqlx::Row::get(line, 0)).collect()
        }
    }
}

/// The size of a batch is known when it is planned, and small beside a table that has grown; not knowing it, the planner
/// takes it for a tenth of the table.
fn with_a_limit(sql: &str) -> String {
    let number = (1..10).find(|number| sql.contains(&format!("limit ${number}")));
    match number.filter(|number| !sql.contains(&format!("${}", number + 1))) {
        Some(number) => sql.replace(&format!("limit ${number}"), "limit 10"),
        None => sql.to_owned(),
    }
}

/// Tables of a handful of rows may be read as a whole.
fn is_scan_of_a_table(step: &str) -> bool {
    const SMALL: [&str; 2] = ["counters", "_sqlx_migrations"];
    let scan = step.contains("Seq Scan on ") || step.contains("SCAN ");
    // The two pages of a list, once they have been found; the row of a key that is held; and rows that are to be stored.
    let of_rows_found = ["SCAN held", "SCAN standing", "SCAN revoked", "SCAN new VIRTUAL TABLE", "SCAN CONSTANT ROW"];
    scan && !SMALL.iter().any(|table| step.contains(table)) && !of_rows_found.iter().any(|found| step.contains(found))
}

/// What the store tells the log on threads that listen. One for the process: what `tracing` decides for one thread's own
/// subscriber goes for others, too.
#[derive(Default)]
struct Heard(Mutex<HashMap<ThreadId, BTreeSet<String>>>);

static HEARD: LazyLock<Heard> = LazyLock::new(Heard::default);
static LISTENING: Once = Once::new();

/// Runs something on this thread; the statements it came to.
async fn statements_of(action: impl Future<Output = ()>) -> BTreeSet<String> {
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
    let thread = std::thread::current().id();
    HEARD.0.lock().unwrap().insert(thread, BTreeSet::new());
    action.await;
    HEARD.0.lock().unwrap().remove(&thread).unwrap()
}

struct Log;

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sealgate_origin::store")
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Statement);
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

struct Statement;

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        let mut heard = HEARD.0.lock().unwrap();
        if let Some(statements) = heard.get_mut(&std::thread::current().id()).filter(|_| field.name() == "sql") {
            statements.insert(value.to_owned());
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn Debug) {}
}
