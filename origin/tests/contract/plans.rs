//! How the databases go about what is asked all the time: by an index, never through a whole table.
//!
//! The statements are those that the store runs; it tells the log which.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, Once};
use std::thread::ThreadId;

use sealgate_origin::session::{Cursor, IdpLink, RevokedReason, Session};
use sealgate_origin::store::{
    AuditFilter, ChangeActor, KnockFrom, LaneName, LimitSessions, ListPage, Logout, NewLink, NewPreLogin, OidcInsert,
    OidcSignIn, PreLoginKey, RelabelSession, RevokeActor, RightGuess, SessionChange, StoredLink, Stretch, Sweep,
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
        Box::pin(run_everything_hot(&setting)).await;
        keep_house(&setting).await;
    });
    let statements = statements.await;
    assert!(statements.len() >= 20, "they are heard: {statements:#?}");
    let mut faults = Vec::new();
    for sql in &statements {
        let plan = explain(&setting.database, sql).await;
        let scanned = plan.iter().any(|step| is_scan_of_a_table(step));
        // The index has the order: a page costs what it holds. Two pages are put in order where two indexes have them.
        // There is hardly a sign-in under way here, and PostgreSQL puts in order what it takes for one row.
        let is_trim = sql.starts_with("delete from sessions");
        let ordered = sql.contains("order by created_at desc") && !sql.contains("union all") && !is_trim;
        let sorted = ordered && plan.iter().any(|step| step.contains("Sort") || step.contains("TEMP B-TREE"));
        if scanned || sorted {
            faults.push(format!("{sql}\n{plan:#?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
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

    store.name_actor(demo, &ada, "Ada", now).await.unwrap();
    let key = PreLoginKey { tenant: demo, state: &[1; 32], binding: &[2; 32] };
    let (id, network) = (session_id(MANY + 3), Some(&[3; 32]));
    let login = NewPreLogin { id, key, sealed: &[4], network, ends_at: now.plus(600_000) };
    assert!(store.insert_pre_login(&login, now).await.unwrap());
    assert_eq!(store.trim_pre_logins_of(demo, &[3; 32], 1).await.unwrap(), 0);
    assert_eq!(store.trim_pre_logins(demo, 1).await.unwrap(), 0);
    assert_eq!(store.take_pre_login(key).await.unwrap().unwrap().id, id);

    store.break_glass_is_on(demo).await.unwrap();
    store.knock(demo, Some(&ada.id), Some(KnockFrom { lane: "network", pass: Some("passes") }), now).await.unwrap();
    store.count_guess(demo, vec![LaneName::of_account(&ada.id, true)], now).await.unwrap().unwrap();
    let right =
        RightGuess { tenant: demo, actor: &ada, password_hash: "", session: session.id, counted: &[], detail: None };
    store.settle_guess(&right, now).await.unwrap();

    Box::pin(sign_in_and_out_by_oidc(setting)).await;

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

/// Signs in by a provider, and is signed out by it.
async fn sign_in_and_out_by_oidc(setting: &Setting) {
    let (store, demo, now) = (&setting.store, &setting.demo, setting.now);
    let provider = "login-1".parse().unwrap();
    store.oidc_provider(demo, &provider).await.unwrap().unwrap();
    let link = IdpLink { issuer: "https://login-1.example".into(), subject: "ada".into(), sid: Some("s".into()) };
    let session = Session { idp: Some(link), actor: actor("user", "bob"), ..setting.session(MANY + 3).await };
    let sign_in = OidcSignIn { provider: &provider, id_token_issued_at: now };
    assert_eq!(store.insert_oidc_session(&session, &sign_in).await.unwrap(), OidcInsert::Stored);
    for (jti, subject, sid) in [("1", Some("ada"), None), ("2", None, Some("s")), ("3", Some("ada"), Some("s"))] {
        let (issuer, issued_at, expires_at) = ("https://login-1.example", now, now);
        let logout = Logout { tenant: demo, provider: &provider, issuer, subject, sid, jti, issued_at, expires_at };
        store.end_by_logout(&logout, now).await.unwrap();
    }
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
    let filter = AuditFilter { tenant: Some(demo), ..AuditFilter::default() };
    store.audit(&filter, 10).await.unwrap();
    let ada = actor("user", "ada");
    store.audit(&AuditFilter { actor_id: Some(&ada.id), ..filter }, 10).await.unwrap();
}

/// What is looked through from time to time, for what is over.
async fn keep_house(setting: &Setting) {
    let (store, before) = (&setting.store, setting.now.minus(86_400_000));
    for what in [
        Sweep::ExpiredSessions,
        Sweep::RevokedSessions,
        Sweep::PreLogin,
        Sweep::Revocations,
        Sweep::PersonalData,
        Sweep::BreakGlassLanes,
        Sweep::OidcLogouts,
    ] {
        assert_eq!(store.sweep(what, before, 100).await.unwrap(), 0);
    }
    store.keys_active_since(before).await.unwrap();
    store.withdraw_keys(before).await.unwrap();
    store.destroy_keys(before).await.unwrap();

    let waiting = store.unlinked_audit().await.unwrap();
    assert!((1..100).contains(&waiting.count), "{waiting:?}");
    store.audit_record(waiting.oldest.unwrap()).await.unwrap().unwrap();
    assert!(!store.is_audit_older(before).await.unwrap());
    let last = store.last_audit_position().await.unwrap();
    store.audit_records((last / 2, i64::MAX), 10).await.unwrap();
    store.survey(Some(1)).await.unwrap();
    let mut lock = store.lock_audit_chain().await.unwrap().unwrap();
    let rows = lock.unlinked(10).await.unwrap();
    let links: Vec<_> =
        (last + 1..).zip(&rows).map(|(position, row)| NewLink { id: row.id, position, mac: [7; 32] }).collect();
    let end = StoredLink { position: last + i64::try_from(links.len()).unwrap(), mac: vec![7; 32], seal: vec![7; 32] };
    assert!(lock.link(&links, &end).await.unwrap());
    lock.oldest_linked(10).await.unwrap();
    lock.cut(&StoredLink { position: 1, ..end }).await.unwrap();
}

/// Many rows for each table, by the database's own means.
async fn fill(database: &Backdoor) {
    let at = "'2026-06-01T12:00:00.000Z'";
    let number = "substr(cast(10000000 + n as text), 2)";
    let numbers =
        format!("with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {MANY})");
    let settings = r#"{"scopes":["openid"],"email_domains":[],"actor_type":"user","actor_claim":"sub","actor_prefix":"",
        "group_roles":[],"assurance":0,"shares_actors":false}"#;
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
        "update sessions set idp_issuer = 'https://login-1.example', idp_subject = id, idp_sid = id".to_owned(),
        format!(
            "insert into oidc_providers (tenant, id, name, issuer, client_id, settings, created_at, updated_at) {numbers} \
             select case when n <= 2 then 'demo' else {tenant} end, 'login-' || cast(n as text), 'n', \
             'https://login-' || cast(n as text) || '.example', 'c', '{settings}', {at}, {at} from numbers"
        ),
        format!(
            "insert into oidc_logouts (tenant, issuer, jti, subject, sid, issued_at, received_at, expires_at) {numbers} \
             select 'demo', 'https://login-1.example', {number}, case when n % 2 = 0 then {number} end, \
             case when n % 3 > 0 or n % 2 > 0 then {number} end, {at}, {at}, {at} from numbers"
        ),
        format!("insert into audit (at, tenant, event) {numbers} select {at}, {tenant}, 'session.late' from numbers"),
        "update audit set position = id, mac = (select substr(fingerprint_key, 1, 32) from tenants where id = 'demo')"
            .to_owned(),
        "insert into audit_chain (id, sealed_key, position, mac, seal, checkpoint_position, checkpoint_mac, checkpoint_seal) \
         select 'audit', fingerprint_key, (select max(id) from audit), substr(fingerprint_key, 1, 32), \
         substr(fingerprint_key, 1, 32), 0, substr(fingerprint_key, 1, 32), substr(fingerprint_key, 1, 32) \
         from tenants where id = 'demo'"
            .to_owned(),
        format!(
            "insert into actors (tenant, actor_type, actor_id, updated_at) {numbers} \
             select {tenant}, 'user', 'actor-' || {number}, {at} from numbers"
        ),
        format!(
            "insert into break_glass (tenant, account, actor_type, password_hash, assurance, set_at) {numbers} \
             select {tenant}, 'actor-' || {number}, 'operator', '$argon2id$', 0, {at} from numbers"
        ),
        format!(
            "insert into break_glass_lanes (tenant, lane, failures, last_at) {numbers} \
             select {tenant}, 'account actor-' || {number}, 1, {at} from numbers"
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
    const SMALL: [&str; 3] = ["counters", "_sqlx_migrations", "audit_chain"];
    let scan = step.contains("Seq Scan on ") || step.contains("SCAN ");
    // The two pages of a list, once they have been found; the row of a key that is held; rows that are to be stored; and the one
    // row that asks after an account.
    let of_rows_found = [
        "SCAN here",
        "SCAN held",
        "SCAN standing",
        "SCAN waiting",
        "SCAN found",
        "SCAN revoked",
        "SCAN new VIRTUAL TABLE",
        "SCAN CONSTANT ROW",
        // An index of the rows that have no link, of which there are few; and one that is read from its end, to a limit.
        "SCAN audit USING INDEX audit_unlinked",
        "SCAN audit USING COVERING INDEX audit_unlinked",
        "SCAN audit USING INDEX audit_position",
    ];
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
