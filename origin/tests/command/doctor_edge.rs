//! `sealgate doctor --edge`, against a real origin behind a hand-made edge, and against edges that are unwell.

use std::fs;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::secret::Secret32;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::doctor::{doctor, examine, found};
use crate::run::{must, sealgate};
use crate::serving::{Serving, read_dev_file, start};

/// What a stand-in answers to a path and the headers that came with it.
type Reply = dyn Fn(&str, &HeaderMap) -> Response + Send + Sync;

/// Serves `reply` at a free address.
async fn stand_in(reply: Arc<Reply>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .fallback(async |State(reply): State<Arc<Reply>>, request: Request| {
            reply(request.uri().path(), request.headers())
        })
        .with_state(reply);
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

fn problem(status: u16, code: &str) -> Response {
    let body = json!({ "status": status, "code": code }).to_string();
    (StatusCode::from_u16(status).unwrap(), [("content-type", "application/problem+json")], body).into_response()
}

/// Runs the doctor beside a serving origin, in a thread: what it asks is answered by this one.
async fn ask_doctor(folder: &tempfile::TempDir, serving: &Arc<Serving>, args: &[&str]) -> (i32, String, Value) {
    let (path, serving) = (folder.path().to_owned(), Arc::clone(serving));
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let asked = tokio::task::spawn_blocking(move || examine(&path, doctor(&path, &serving).args(args)));
    let (shown, report) = asked.await.unwrap();
    (shown.code, shown.out, report)
}

fn begin() -> (tempfile::TempDir, Arc<Serving>) {
    let folder = tempfile::tempdir().unwrap();
    let serving = Arc::new(start(folder.path()));
    (folder, serving)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_that_works_is_told_and_the_session_shown_to_it_is_ended() {
    let (folder, serving) = begin();
    let secret = Secret32::from_base64url(read_dev_file(folder.path())["edge_secret"].as_str().unwrap()).unwrap();
    let credential = EdgeSecret::new(secret).credential(&"dev".parse().unwrap());
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    // /auth goes to the origin; elsewhere a session is recognised by its not being the forged one.
    let (origin, cookies) = (serving.public.clone(), Arc::clone(&seen));
    let reply = move |path: &str, headers: &HeaderMap| {
        let cookie = headers.get("cookie").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        if path == "/auth/session" {
            let request = ureq::get(format!("{origin}{path}")).config().http_status_as_error(false).build();
            let request = request.header("x-sealgate-edge", &credential).header("x-sealgate-tenant", "demo");
            let mut answer = request.call().unwrap();
            let body = answer.body_mut().read_to_string().unwrap();
            let kind = answer.headers()["content-type"].clone();
            return (answer.status(), [("content-type", kind)], body).into_response();
        }
        let forged = cookie.contains("=v1.AAAAAAAAAAA.");
        cookies.lock().unwrap().push(cookie);
        if forged { problem(401, "unknown_kid") } else { "the application".into_response() }
    };
    let edge = stand_in(Arc::new(reply)).await;
    let (code, out, report) = ask_doctor(&folder, &serving, &["--edge", &edge, "--mint", "demo"]).await;
    assert_eq!(code, 0, "{out}");
    assert_eq!(
        found(&report, "edge", "ok"),
        [
            format!("{edge} is a sealgate edge, and the origin knows it"),
            format!("{edge} has its keys and refuses a forged cookie (unknown_kid)"),
            format!("{edge} accepts a session of demo (it was ended again)"),
        ]
    );
    let tokens = seen.lock().unwrap().clone();
    let token = tokens.iter().find(|cookie| !cookie.contains("AAAAAAAAAAA")).unwrap().clone();
    assert!(!out.contains(token.rsplit_once('.').unwrap().1), "the session's token stays out of the report");
    let listed = must(sealgate(folder.path()).args([
        "sessions",
        "list",
        "--tenant",
        "demo",
        "--actor-type",
        "service",
        "--actor-id",
        "sealgate-doctor",
    ]));
    assert_eq!(listed, "service sealgate-doctor of demo has no live session.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_for_an_edge_to_be_unwell_has_its_words() {
    let (folder, serving) = begin();
    for (status, code, words) in [
        (401, "edge_credential", "The origin does not know who asks."),
        (421, "unknown_host", "Add the host to its tenant's `hosts`"),
        (503, "misconfigured", "`npx wrangler tail`"),
        (503, "origin_unavailable", "The edge does not reach the origin."),
        (429, "rate_limited", "try again in a minute"),
        (503, "something_new", "says more"),
    ] {
        let edge = stand_in(Arc::new(move |_: &str, _: &HeaderMap| problem(status, code))).await;
        let (exit, out, report) = ask_doctor(&folder, &serving, &["--edge", &edge]).await;
        assert_eq!((exit, found(&report, "edge", "problem")), (1, vec![format!("{edge} answers {code}")]), "{out}");
        assert!(report.to_string().contains(words), "{words} is not in {report}");
    }
    let edge = stand_in(Arc::new(|_: &str, _: &HeaderMap| "hello".into_response())).await;
    let (exit, out, report) = ask_doctor(&folder, &serving, &["--edge", &edge]).await;
    assert!(exit == 1 && found(&report, "edge", "problem")[0].contains("is no sealgate edge"), "{out}");
    let (exit, out, report) = ask_doctor(&folder, &serving, &["--edge", "http://127.0.0.1:1"]).await;
    assert!(exit == 1 && found(&report, "edge", "problem")[0].contains("cannot be reached"), "{out}");
}

/// An edge that hands /auth on as it should, and answers everything else so.
async fn half_well(reply: impl Fn() -> Response + Send + Sync + 'static) -> String {
    let reply = move |path: &str, _: &HeaderMap| match path {
        "/auth/session" => problem(401, "missing"),
        _ => reply(),
    };
    stand_in(Arc::new(reply)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_without_keys_and_one_that_lets_forgeries_through_are_found() {
    let (folder, serving) = begin();
    let edge = half_well(|| problem(503, "origin_unavailable")).await;
    let (exit, out, report) = ask_doctor(&folder, &serving, &["--edge", &edge]).await;
    let problems = found(&report, "edge", "problem");
    assert_eq!((exit, problems), (1, vec![format!("{edge} answers a forged cookie with origin_unavailable")]), "{out}");
    let edge = half_well(|| "the application".into_response()).await;
    let (exit, out, report) = ask_doctor(&folder, &serving, &["--edge", &edge]).await;
    assert!(exit == 0 && found(&report, "edge", "warning")[0].contains("hands a forged cookie on"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_an_edge_refuses_says_why_and_is_ended_all_the_same() {
    let (folder, serving) = begin();
    for (code, words) in [
        ("issued_in_future", "clock of the edge is behind"),
        ("expired", "clock of the edge is ahead"),
        ("unknown_kid", "another origin"),
        ("wrong_tenant", "another tenant"),
    ] {
        let edge = half_well(move || problem(401, code)).await;
        let (exit, out, report) = ask_doctor(&folder, &serving, &["--edge", &edge, "--mint", "demo"]).await;
        assert_eq!((exit, found(&report, "edge", "problem").len()), (1, 1), "{out}");
        assert!(report.to_string().contains(words), "{words} is not in {report}");
    }
    let revoked = must(sealgate(folder.path()).args(["tenants", "list", "--json"]));
    assert!(!revoked.contains("\"live_sessions\":1"), "{revoked}");
    let (exit, out, _) = ask_doctor(&folder, &serving, &["--edge", &serving.public, "--mint", "nobody"]).await;
    assert_eq!(exit, 1, "{out}");
    fs::metadata(folder.path()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_differs_is_found_by_the_date_of_an_answer() {
    let (folder, serving) = begin();
    let reply = |path: &str, _: &HeaderMap| {
        let mut answer = if path == "/auth/session" { problem(401, "missing") } else { problem(401, "unknown_kid") };
        answer.headers_mut().insert("date", "Fri, 02 Jan 2026 03:04:05 GMT".parse().unwrap());
        answer
    };
    let edge = stand_in(Arc::new(reply)).await;
    let (exit, out, report) = ask_doctor(&folder, &serving, &["--edge", &edge]).await;
    let problems = found(&report, "edge", "problem");
    assert_eq!((exit, problems.len()), (1, 1), "{out}");
    assert!(problems[0].starts_with(&format!("the clock of {edge} is ")) && problems[0].contains(" behind "), "{out}");
}
