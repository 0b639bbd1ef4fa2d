//! Health, readiness, metrics, and what every answer has.

use serde_json::json;

use crate::kit::Origin;

#[tokio::test]
async fn both_listeners_say_that_they_are_well() {
    let origin = Origin::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(origin.private("GET", path).send().await.status, 200);
        assert_eq!(origin.public("GET", path).send().await.status, 200);
    }
    assert_eq!(origin.private("GET", "/healthz").send().await.json(), json!({ "status": "ok" }));
}

#[tokio::test]
async fn requests_are_counted_by_listener_and_class_and_the_operators_are_not() {
    let origin = Origin::start().await;
    origin.mint().await;
    origin.private("GET", "/nowhere").refused(404, "not_found").await;
    origin.browser("GET", "/auth/session").refused(401, "missing").await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        origin.private("GET", path).send().await;
    }
    let answer = origin.private("GET", "/metrics").send().await;
    assert!(answer.headers["content-type"].to_str().unwrap().contains("version=1.0.0"));
    let text = answer.text();
    for line in [
        "sealgate_http_requests_total{listener=\"private\",status=\"2xx\"} 1",
        "sealgate_http_requests_total{listener=\"private\",status=\"4xx\"} 1",
        "sealgate_http_requests_total{listener=\"public\",status=\"4xx\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert_eq!(text.matches("sealgate_http_requests_total{").count(), 3, "{text}");
    origin.public("GET", "/metrics").refused(404, "not_found").await;
}

#[tokio::test]
async fn the_samples_tell_how_many_requests_there_were() {
    let origin = Origin::start().await;
    let count = async || origin.v1("GET", "/v1/dev/samples?tenant=demo").send().await.json()["origin_requests"].clone();
    assert_eq!(count().await, 0);
    origin.private("GET", "/healthz").send().await;
    origin.mint().await;
    assert_eq!(count().await, 2);
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_problems_too() {
    let origin = Origin::start().await;
    for path in ["/", "/v1", "/v1/sessions/", "/v1/sessions/a/b", "/internal", "/auth/session", "/V1/sessions"] {
        origin.private("GET", path).refused(404, "not_found").await;
    }
    for path in ["/v1/sessions", "/internal/keyring", "/internal/check", "/metrics", "/auth/nowhere"] {
        origin.browser("GET", path).refused(404, "not_found").await;
    }
    let answer = origin.private("PATCH", "/v1/sessions").refused(405, "method_not_allowed").await;
    let mut allowed: Vec<&str> = answer.headers["allow"].to_str().unwrap().split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

#[tokio::test]
async fn production_has_no_samples() {
    let origin = Origin::start().await;
    let mut config = origin.config.clone();
    config.mode = sealgate_origin::config::Mode::Production;
    config.dev_sign_in = false;
    let app = sealgate_origin::app::App::build(&config, origin.clock.clone().into()).await.unwrap();
    let ask = crate::kit::Ask::new(app.private_router(), "GET", "/v1/dev/samples?tenant=demo").bearer(&origin.token);
    ask.refused(404, "not_found").await;
}
