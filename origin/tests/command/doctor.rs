//! `sealgate doctor`: each thing that can be wrong is found and named, and nothing is touched.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::run::{Ran, folder_with_demo, must, run, sealgate};
use crate::serving::{Serving, start};

/// The doctor, told where the origin listens.
pub(crate) fn doctor(folder: &Path, serving: &Serving) -> Command {
    let mut command = sealgate(folder);
    command
        .env("SEALGATE_LISTEN_PUBLIC", serving.public.trim_start_matches("http://"))
        .env("SEALGATE_LISTEN_PRIVATE", serving.private.trim_start_matches("http://"))
        .arg("doctor");
    command
}

/// The doctor where no origin runs.
fn alone(folder: &Path) -> Command {
    let mut command = sealgate(folder);
    command.env("SEALGATE_LISTEN_PUBLIC", "127.0.0.1:0").arg("doctor");
    command
}

/// Runs it for programs and for people, which must say the same; no secret is in either.
pub(crate) fn examine(folder: &Path, command: &mut Command) -> (Ran, Value) {
    let shown = run(command);
    let told = run(command.arg("--json"));
    assert_eq!(shown.code, told.code, "{}{}", shown.out, shown.err);
    assert_eq!((shown.err.as_str(), told.err.as_str()), ("", ""));
    let report: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(report["healthy"], told.code == 0, "{report}");
    for finding in report["findings"].as_array().unwrap() {
        let said = finding["verdict"] == "ok" || finding["verdict"] == "skipped" || finding["advice"].is_string();
        assert!(said, "what to do about it is not said: {finding}");
    }
    for file in ["dev.json", "kek"] {
        let secrets = fs::read_to_string(folder.join(file)).unwrap_or_default();
        let secrets = secrets.split(|char: char| !char.is_ascii_alphanumeric() && !"-_".contains(char));
        for secret in secrets.filter(|word| word.len() > 20) {
            assert!(!shown.out.contains(secret) && !told.out.contains(secret), "a secret of {file}: {}", shown.out);
        }
    }
    assert!(!shown.out.contains("v1."), "{}", shown.out);
    let folder = folder.display().to_string();
    let long = |line: &&str| line.chars().count() > 80 && !line.contains(&folder);
    assert_eq!(shown.out.lines().find(long), None);
    (shown, report)
}

/// What was found with a check, but for what is fine.
pub(crate) fn found(report: &Value, check: &str, verdict: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let of_check = findings.filter(|finding| finding["check"] == check && finding["verdict"] == verdict);
    of_check.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn expect_problem(folder: &Path, check: &str, message: &str) {
    let (shown, report) = examine(folder, &mut alone(folder));
    let problems = found(&report, check, "problem");
    assert!(problems.iter().any(|found| found.contains(message)), "{message:?} is not in\n{}", shown.out);
    assert_eq!(shown.code, 1);
    assert!(shown.out.contains("PROBLEM"), "{}", shown.out);
}

async fn change(folder: &Path, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(folder.join("sealgate.db")).foreign_keys(false);
    let database = SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(statement).execute(&database).await.unwrap();
    database.close().await;
}

#[test]
fn an_origin_that_runs_well_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let serving = start(folder.path());
    let (shown, report) = examine(folder.path(), &mut doctor(folder.path(), &serving));
    assert_eq!(shown.code, 0, "{}", shown.out);
    assert!(shown.out.ends_with("\n0 problems, 0 warnings.\n"), "{}", shown.out);
    for check in ["config", "files", "database", "kek", "keys", "audit", "clock", "listeners"] {
        assert!(!found(&report, check, "ok").is_empty(), "{check} is not in\n{}", shown.out);
    }
    assert_eq!(found(&report, "listeners", "ok").len(), 2);
}

#[test]
fn where_there_is_nothing_it_says_so_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    expect_problem(folder.path(), "database", "there is no ");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_wrong_setting_is_part_of_the_report() {
    let folder = folder_with_demo();
    let mut command = alone(folder.path());
    let (shown, report) = examine(folder.path(), command.env("SEALGATE_AUTH_RATE", "fast"));
    assert_eq!(shown.code, 1);
    assert!(found(&report, "config", "problem")[0].starts_with("SEALGATE_AUTH_RATE: \"fast\" is not a rate"));
}

#[test]
fn settings_that_nobody_wants_together_are_named() {
    let folder = folder_with_demo();
    let mut command = alone(folder.path());
    let (_, report) = examine(folder.path(), command.env("SEALGATE_LISTEN_PUBLIC", "0.0.0.0:0"));
    assert!(found(&report, "config", "problem")[0].contains("anybody may sign in"), "{report}");
    let mut command = alone(folder.path());
    let (shown, report) = examine(folder.path(), command.env("SEALGATE_CREDENTIAL_FAILURES", "off"));
    assert_eq!(found(&report, "config", "warning"), ["credential_failures is off"]);
    assert_eq!(shown.code, 0, "a warning is no problem");
}

#[test]
fn files_that_others_can_use_are_named() {
    let folder = folder_with_demo();
    for name in ["sealgate.db", "kek"] {
        let path = folder.path().join(name);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        expect_problem(folder.path(), "files", &format!("{name} has mode 0640"));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    expect_problem(folder.path(), "files", "has mode 0777");
}

#[tokio::test]
async fn a_database_of_another_age_is_told_and_left_as_it_is() {
    let folder = folder_with_demo();
    change(folder.path(), "update _sqlx_migrations set version = 99 where version = 3").await;
    expect_problem(folder.path(), "database", "was made by a newer sealgate");
    change(folder.path(), "delete from _sqlx_migrations where version > 1").await;
    let lacking = sealgate_origin::store::known_migrations().count() - 1;
    expect_problem(folder.path(), "database", &format!("lacks {lacking} of its migrations"));
    let ran = run(sealgate(folder.path()).args(["migrate", "--check"]));
    assert_eq!(ran.out.lines().count(), lacking, "the doctor applied nothing: {}", ran.out);
}

#[tokio::test]
async fn what_somebody_dropped_is_missed() {
    let folder = folder_with_demo();
    change(folder.path(), "drop index sessions_expiry").await;
    expect_problem(folder.path(), "database", "lacks what its migrations made: index sessions_expiry");
    change(folder.path(), "drop trigger audit_changed").await;
    expect_problem(folder.path(), "database", "index sessions_expiry, trigger audit_changed");
    change(folder.path(), "drop table audit").await;
    expect_problem(folder.path(), "database", "table audit, trigger audit_added");
}

#[tokio::test]
async fn rows_of_the_audit_table_that_are_not_as_they_were_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let serving = start(folder.path());
    let mut doctor = doctor(folder.path(), &serving);
    let (_, report) = examine(folder.path(), &mut doctor);
    assert_eq!(found(&report, "audit", "ok").len(), 1, "{report}");
    drop(serving);

    let folder = folder_with_demo();
    for trigger in ["drop trigger audit_changed", "drop trigger audit_deleted"] {
        change(folder.path(), trigger).await;
    }
    // Nobody links anything where no origin runs.
    change(folder.path(), "update audit set at = '2020-01-01T12:00:00.000Z'").await;
    let (_, report) = examine(folder.path(), &mut alone(folder.path()));
    assert!(found(&report, "audit", "warning")[0].contains("has no link"), "{report}");
    change(folder.path(), "delete from audit").await;
    expect_problem(folder.path(), "audit", "the row that tells how tenant demo was made is gone");
    let (shown, _) = examine(folder.path(), &mut alone(folder.path()));
    assert!(shown.out.contains("-> sealgate audit verify"), "{}", shown.out);
}

#[tokio::test]
async fn damage_is_found_where_nothing_else_looks() {
    let folder = folder_with_demo();
    let path = folder.path().join("sealgate.db");
    let options = SqliteConnectOptions::new().filename(&path);
    let database = SqlitePool::connect_with(options).await.unwrap();
    let page = "select rootpage from sqlite_master where name = 'service_tokens_of_tenant'";
    let page: i64 = sqlx::query_scalar(page).fetch_one(&database).await.unwrap();
    let size: i64 = sqlx::query_scalar("pragma page_size").fetch_one(&database).await.unwrap();
    database.close().await;
    // An index that no other check reads: but for its page, all is well.
    let mut bytes = fs::read(&path).unwrap();
    let start = usize::try_from((page - 1) * size).unwrap();
    bytes[start..start + 512].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    expect_problem(folder.path(), "database", "is damaged: ");
    fs::write(&path, "no database").unwrap();
    expect_problem(folder.path(), "database", "cannot be used");
}

#[tokio::test]
async fn a_lock_that_somebody_holds_is_found() {
    let folder = folder_with_demo();
    let options = SqliteConnectOptions::new().filename(folder.path().join("sealgate.db"));
    let database = SqlitePool::connect_with(options).await.unwrap();
    let held = database.begin_with("begin immediate").await.unwrap();
    expect_problem(folder.path(), "database", "cannot be written: (code: 5) database is locked");
    held.rollback().await.unwrap();
}

#[tokio::test]
async fn a_key_that_opens_nothing_and_a_secret_that_does_not_open_are_told_apart() {
    let folder = folder_with_demo();
    change(
        folder.path(),
        "update signing_keys set sealed = (select fingerprint_key from tenants) where state = 'active'",
    )
    .await;
    expect_problem(folder.path(), "kek", "1 of 3 sealed secrets do not open: signing_keys.sealed of sk-");
    let kek = folder.path().join("kek");
    fs::write(&kek, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    expect_problem(folder.path(), "kek", "3 of 3 sealed secrets do not open: tenants.fingerprint_key of demo");
    fs::remove_file(&kek).unwrap();
    expect_problem(folder.path(), "kek", "the key-encryption key is gone");
    assert!(!kek.exists(), "it made no other");
}

#[tokio::test]
async fn a_tenant_that_cannot_sign_or_rotate_is_named_and_an_old_key_too() {
    let folder = folder_with_demo();
    change(folder.path(), "update signing_keys set activated_at = '2020-01-01T00:00:00.000Z' where state = 'active'")
        .await;
    let (shown, report) = examine(folder.path(), &mut alone(folder.path()));
    let warnings = found(&report, "keys", "warning");
    assert!(
        warnings.iter().any(|found| found.starts_with("tenant demo has signed with one key for 2")),
        "{warnings:?}"
    );
    assert!(warnings.iter().any(|found| found == "no edge serves tenant demo"), "{warnings:?}");
    assert_eq!(shown.code, 0);
    change(folder.path(), "delete from signing_keys where state = 'pending'").await;
    expect_problem(folder.path(), "keys", "tenant demo has no pending signing key");
    change(folder.path(), "update signing_keys set state = 'retired'").await;
    expect_problem(folder.path(), "keys", "tenant demo has no active signing key");
}

#[tokio::test]
async fn a_clock_that_is_behind_the_database_is_found() {
    let folder = folder_with_demo();
    change(folder.path(), "update signing_keys set created_at = '2999-01-01T00:00:00.000Z' where state = 'pending'")
        .await;
    expect_problem(folder.path(), "clock", "before the newest entry of the database (2999-01-01T00:00:00.000Z)");
}

#[test]
fn an_origin_that_does_not_run_is_a_warning_and_half_a_one_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let serving = start(folder.path());
    // A port that was free a moment ago: nothing of ours answers there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (_, report) = examine(folder.path(), doctor(folder.path(), &serving).env("SEALGATE_LISTEN_PUBLIC", &free));
    assert!(found(&report, "listeners", "problem")[0].starts_with(&format!("nothing answers on {free}, the public")));
    let mut command = doctor(folder.path(), &serving);
    let (shown, report) =
        examine(folder.path(), command.env("SEALGATE_LISTEN_PUBLIC", &free).env("SEALGATE_LISTEN_PRIVATE", &free));
    assert!(found(&report, "listeners", "warning")[0].starts_with("nothing answers on"), "{}", shown.out);
    assert_eq!(shown.code, 0);
    must(sealgate(folder.path()).args(["tenants", "list"]));
}

#[test]
fn a_provider_that_does_not_answer_is_named() {
    let folder = folder_with_demo();
    let (_, report) = examine(folder.path(), &mut alone(folder.path()));
    assert_eq!(found(&report, "providers", "skipped"), ["nobody signs in by an OpenID provider"]);

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let provider = runtime.block_on(sealgate_test_provider::Provider::start(|| 1_780_315_200));
    let add = format!("oidc add --tenant demo login --issuer {} --client-id shop --public", provider.issuer());
    must(sealgate(folder.path()).args(add.split(' ')));
    let (_, report) = examine(folder.path(), &mut alone(folder.path()));
    assert_eq!(found(&report, "providers", "ok").len(), 1, "{report}");
    // And when it does not, nobody gets in.
    let locked_out = ["no operator of tenant demo gets in when its OpenID providers do not answer"];
    assert_eq!(found(&report, "breakglass", "warning"), locked_out);
    must(sealgate(folder.path()).args("breakglass set --tenant demo ada --generate".split(' ')));
    let (_, report) = examine(folder.path(), &mut alone(folder.path()));
    assert_eq!(found(&report, "breakglass", "ok"), ["tenants with a password for operators: 1"]);

    provider.plan(|plan| plan.discovery = json!({ "response_types_supported": ["id_token"] }));
    expect_problem(folder.path(), "providers", "provider login of tenant demo: the authorization code flow is not");
    // Whom nobody can sign in by is not asked.
    must(sealgate(folder.path()).args(["oidc", "disable", "--tenant", "demo", "login"]));
    let (_, report) = examine(folder.path(), &mut alone(folder.path()));
    assert_eq!(found(&report, "providers", "skipped").len(), 1, "{report}");
}
