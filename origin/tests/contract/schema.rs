//! What the tables themselves refuse, whoever writes to them.

use sealgate_test_database::Engine;

use crate::kit::database::Objection;
use crate::setting::Setting;

on_both!(
    sessions_that_make_no_sense_are_refused,
    a_key_that_a_session_names_stays,
    a_tenant_has_one_active_and_one_pending_key,
    sealed_secrets_have_their_length_and_states_their_times,
    revocations_are_of_one_kind,
    what_belongs_to_a_tenant_goes_with_it_and_what_was_revoked_stays,
    a_host_belongs_to_one_tenant,
    counters_are_what_they_are,
    providers_and_logouts_are_of_a_tenant_and_of_some_form,
    what_the_migrations_made_is_missed_when_it_is_gone,
);

const AT: &str = "'2026-06-01T12:00:00.000Z'";

/// Expects each change to every row of the table to be refused like this.
async fn expect_refused(setting: &Setting, table: &str, objection: Objection, changes: &[&str]) {
    for change in changes {
        let refused = setting.database.execute(&format!("update {table} set {change}")).await.unwrap_err();
        assert_eq!(refused, objection, "{change}");
    }
}

async fn sessions_that_make_no_sense_are_refused(engine: Engine) {
    let setting = Setting::on(engine).await;
    setting.store_sessions(0..1).await;
    let checks = [
        // Idle after absolute, access after idle, no access at all, issued before it was created.
        "idle_expires_at = '2026-06-01T20:00:00.001Z'",
        "access_expires_at = '2026-06-01T13:00:00.001Z'",
        "access_expires_at = issued_at",
        "issued_at = '2026-06-01T11:59:59.999Z'",
        "revoked_at = created_at",
        "revoked_reason = 'admin'",
        "revoked_at = created_at, revoked_reason = 'boredom'",
        "channel = 'pigeon'",
        "assurance = 256",
        "assurance = -1",
        "generation = -1",
        "actor_id = ''",
        "actor_type = ''",
        "id = 'ses-short'",
        "id = 'sk--AAAAAAAAAAAAAAAAAAAAAA'",
        "fingerprint = (select substr(fingerprint_key, 1, 31) from tenants where id = 'demo')",
        "fingerprint = (select substr(fingerprint_key, 1, 33) from tenants where id = 'demo')",
    ];
    expect_refused(&setting, "sessions", Objection::Check, &checks).await;
    // PostgreSQL's own type for times looks after their form.
    let forms = ["created_at = '2026-06-01T12:00:00Z'", "last_seen_at = '2026-06-01 12:00:00.000'", "remember = 2"];
    if engine == Engine::Sqlite {
        expect_refused(&setting, "sessions", Objection::Check, &forms).await;
    }
    let strangers = [
        "signing_key = 'sk-AAAAAAAAAAA'",
        "previous_signing_key = 'sk-AAAAAAAAAAA'",
        "tenant = 'nobody'",
        "tenant = 'other'",
        "signing_key = (select id from signing_keys where tenant = 'other' and state = 'active')",
    ];
    expect_refused(&setting, "sessions", Objection::ForeignKey, &strangers).await;
    for allowed in [
        "idle_expires_at = absolute_expires_at",
        "access_expires_at = idle_expires_at",
        "revoked_at = created_at, revoked_reason = 'key_revoked'",
        "previous_signing_key = signing_key",
        "fingerprint = (select substr(fingerprint_key, 1, 32) from tenants where id = 'demo')",
    ] {
        let sql = format!("update sessions set {allowed}");
        assert_eq!(setting.database.execute(&sql).await, Ok(1), "{allowed}");
    }
}

async fn a_key_that_a_session_names_stays(engine: Engine) {
    let setting = Setting::on(engine).await;
    setting.store_sessions(0..1).await;
    setting.rotate(1).await;
    let sql = "update sessions set previous_signing_key = signing_key, \
        signing_key = (select id from signing_keys where tenant = 'demo' and state = 'active')";
    setting.database.execute(sql).await.unwrap();
    for state in ["active", "retired"] {
        let sql = format!("delete from signing_keys where tenant = 'demo' and state = '{state}'");
        assert_eq!(setting.database.execute(&sql).await, Err(Objection::ForeignKey), "{state}");
    }
    setting.database.execute("delete from sessions").await.unwrap();
    assert_eq!(setting.database.execute("delete from signing_keys where tenant = 'demo'").await, Ok(3));
}

async fn a_tenant_has_one_active_and_one_pending_key(engine: Engine) {
    let setting = Setting::on(engine).await;
    for (number, (state, there)) in [("active", false), ("pending", false), ("retired", true)].into_iter().enumerate() {
        let sql = format!(
            "insert into signing_keys (id, tenant, state, sealed, created_at) \
             select 'sk-AAAAAAAAAA{number}', id, '{state}', fingerprint_key, {AT} from tenants where id = 'demo'"
        );
        let expected = if there { Ok(1) } else { Err(Objection::Unique) };
        assert_eq!(setting.database.execute(&sql).await, expected, "{state}");
    }
}

async fn sealed_secrets_have_their_length_and_states_their_times(engine: Engine) {
    let setting = Setting::on(engine).await;
    let changes = [
        "sealed = substr(sealed, 1, 68)",
        "sealed = null",
        "state = 'destroyed'",
        "state = 'destroyed', sealed = null",
        "state = 'revoked'",
        "state = 'asleep'",
        "id = 'ses-AAAAAAAAAA'",
    ];
    expect_refused(&setting, "signing_keys", Objection::Check, &changes).await;
    let fingerprint_keys = ["fingerprint_key = substr(fingerprint_key, 1, 68)", "id = ''"];
    expect_refused(&setting, "tenants", Objection::Check, &fingerprint_keys).await;
    let edges = [
        "sealed_secret = substr(sealed_secret, 1, 68)",
        "auth_hash = substr(auth_hash, 1, 31)",
        "next_sealed_secret = sealed_secret",
        "next_auth_hash = auth_hash",
        "next_sealed_secret = substr(sealed_secret, 1, 68), next_auth_hash = auth_hash",
        "next_sealed_secret = sealed_secret, next_auth_hash = substr(auth_hash, 1, 31)",
    ];
    expect_refused(&setting, "edges", Objection::Check, &edges).await;
    let tokens = ["secret_hash = substr(secret_hash, 1, 31)", "name = ''", "id = 'short'"];
    expect_refused(&setting, "service_tokens", Objection::Check, &tokens).await;
    for sql in [
        "update signing_keys set state = 'revoked', revoked_at = created_at where state = 'pending'".to_owned(),
        format!(
            "update signing_keys set state = 'destroyed', sealed = null, destroyed_at = {AT} where state = 'revoked'"
        ),
        "update edges set next_sealed_secret = sealed_secret, next_auth_hash = auth_hash".to_owned(),
        "update service_tokens set tenant = null, scopes = 'tenants'".to_owned(),
    ] {
        let touched = setting.database.execute(&sql).await;
        assert!(touched.as_ref().is_ok_and(|rows| *rows > 0), "{sql}: {touched:?}");
    }
}

async fn revocations_are_of_one_kind(engine: Engine) {
    let setting = Setting::on(engine).await;
    let columns = "session, actor_type, actor_id, signing_key, except_session, issued_before";
    for (number, (kind, values, allowed)) in (1..).zip([
        ("session", "'s', null, null, null, null, null".to_owned(), true),
        ("session", format!("'s', null, null, null, null, {AT}"), false),
        ("session", "null, null, null, null, null, null".to_owned(), false),
        ("session", "'s', 'user', 'ada', null, null, null".to_owned(), false),
        ("session", "'s', null, null, null, 'e', null".to_owned(), false),
        ("actor", format!("null, 'user', 'ada', null, null, {AT}"), true),
        ("actor", format!("null, 'user', 'ada', null, 'e', {AT}"), true),
        ("actor", "null, 'user', 'ada', null, null, null".to_owned(), false),
        ("actor", format!("null, 'user', null, null, null, {AT}"), false),
        ("actor", format!("null, 'user', 'ada', 'k', null, {AT}"), false),
        ("tenant", format!("null, null, null, null, null, {AT}"), true),
        ("tenant", "null, null, null, null, null, null".to_owned(), false),
        ("tenant", format!("null, null, null, null, 'e', {AT}"), false),
        ("key", format!("null, null, null, 'k', null, {AT}"), true),
        ("key", format!("null, null, null, null, null, {AT}"), false),
        ("key", "null, null, null, 'k', null, null".to_owned(), false),
        ("mood", format!("null, null, null, null, null, {AT}"), false),
    ]) {
        let sql = format!(
            "insert into revocations (sequence, kind, tenant, {columns}, created_at, expires_at) \
             values ({number}, '{kind}', 'nobody', {values}, {AT}, {AT})"
        );
        let expected = if allowed { Ok(1) } else { Err(Objection::Check) };
        assert_eq!(setting.database.execute(&sql).await, expected, "{kind} {values}");
    }
    expect_refused(&setting, "revocations", Objection::Check, &["sequence = -sequence"]).await;
    expect_refused(&setting, "revocations", Objection::Unique, &["sequence = 1"]).await;
}

async fn what_belongs_to_a_tenant_goes_with_it_and_what_was_revoked_stays(engine: Engine) {
    let setting = Setting::on(engine).await;
    let session = setting.store_sessions(0..1).await.remove(0);
    setting.origin.v1("DELETE", &format!("/v1/sessions/{}", session.id)).send().await;
    setting.database.execute("insert into tenant_hosts (host, tenant) values ('a.test', 'demo')").await.unwrap();
    setting.database.execute("delete from sessions").await.unwrap();
    setting.database.execute("delete from tenants where id = 'demo'").await.unwrap();
    for table in ["signing_keys", "service_tokens", "edge_tenants", "tenant_hosts"] {
        let left = setting.database.number(&format!("select count(*) from {table} where tenant = 'demo'")).await;
        assert_eq!(left, 0, "{table}");
    }
    assert_eq!(setting.database.number("select count(*) from revocations where tenant = 'demo'").await, 1);
    assert_eq!(setting.database.number("select count(*) from edge_tenants where tenant = 'other'").await, 1);
    setting.database.execute("delete from edges").await.unwrap();
    assert_eq!(setting.database.number("select count(*) from edge_tenants").await, 0);
}

async fn a_host_belongs_to_one_tenant(engine: Engine) {
    let setting = Setting::on(engine).await;
    let insert = async |host: &str, tenant: &str| {
        let sql = format!("insert into tenant_hosts (host, tenant) values ('{host}', '{tenant}')");
        setting.database.execute(&sql).await
    };
    assert_eq!(insert("a.test", "demo").await, Ok(1));
    assert_eq!(insert("b.test", "demo").await, Ok(1));
    assert_eq!(insert("a.test", "other").await, Err(Objection::Unique));
    assert_eq!(insert("c.test", "nobody").await, Err(Objection::ForeignKey));
    assert_eq!(insert("", "demo").await, Err(Objection::Check));
}

async fn counters_are_what_they_are(engine: Engine) {
    let setting = Setting::on(engine).await;
    for name in ["credentials", "epoch", "keyring", "revocations", "token_lifetime"] {
        let sql = format!("insert into counters (name, value) values ('{name}', 0)");
        assert_eq!(setting.database.execute(&sql).await, Err(Objection::Unique), "{name} is there");
    }
    expect_refused(&setting, "counters", Objection::Check, &["value = -1"]).await;
}

async fn providers_and_logouts_are_of_a_tenant_and_of_some_form(engine: Engine) {
    let setting = Setting::on(engine).await;
    let provider = format!(
        "insert into oidc_providers (tenant, id, name, issuer, client_id, settings, created_at, updated_at) \
         values ('demo', 'login', 'Login', 'https://login.example', 'c', '{{}}', {AT}, {AT})"
    );
    let logout = format!(
        "insert into oidc_logouts (tenant, issuer, jti, subject, issued_at, received_at, expires_at) \
         values ('demo', 'https://login.example', 'j', 'ada', {AT}, {AT}, {AT})"
    );
    for row in [&provider, &logout] {
        assert_eq!(setting.database.execute(row).await, Ok(1), "{row}");
        assert_eq!(setting.database.execute(row).await, Err(Objection::Unique), "{row}");
        let of_nobody = row.replace("'demo'", "'nobody'");
        assert_eq!(setting.database.execute(&of_nobody).await, Err(Objection::ForeignKey), "{row}");
    }
    let providers = ["id = ''", "name = ''", "issuer = ''", "client_id = ''"];
    expect_refused(&setting, "oidc_providers", Objection::Check, &providers).await;
    let logouts = ["jti = ''", "subject = null"];
    expect_refused(&setting, "oidc_logouts", Objection::Check, &logouts).await;
    assert_eq!(setting.database.execute("update oidc_logouts set subject = null, sid = 's'").await, Ok(1));
}

async fn what_the_migrations_made_is_missed_when_it_is_gone(engine: Engine) {
    let setting = Setting::on(engine).await;
    let missing = async || setting.store.find_missing().await.unwrap();
    assert_eq!(missing().await, [""; 0], "the names are the same in both databases");
    setting.database.execute("drop index sessions_expiry").await.unwrap();
    assert_eq!(missing().await, ["index sessions_expiry"]);
    setting.database.execute("drop table audit").await.unwrap();
    let gone = missing().await;
    for name in ["table audit", "index audit_position", "trigger audit_changed", "index sessions_expiry"] {
        assert!(gone.iter().any(|gone| gone == name), "{name}: {gone:?}");
    }
}
