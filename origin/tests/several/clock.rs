//! An origin whose machine's clock is wrong goes by the database's.

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::Config;
use sealgate_test_database::Postgres;
use tower::ServiceExt as _;

async fn readiness(app: &App) -> (u16, String) {
    let request = Request::get("/readyz").body(Body::empty()).unwrap();
    let response = app.private_router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn times_come_from_the_databases_clock_and_a_wrong_one_is_not_ready() {
    for error_ms in [0, 90_000, -90_000] {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::development(folder.path());
        let database = Postgres::shared().create_database().await;
        config.database = database.url().parse().unwrap();
        let app = App::build(&config, Clock::system_off_by(error_ms)).await.unwrap();
        let difference = Clock::system().now().as_u64().abs_diff(app.office().now().as_u64());
        assert!(difference < 1_000, "{error_ms}: {difference}");
        let (status, text) = readiness(&app).await;
        assert_eq!(status, if error_ms == 0 { 200 } else { 503 }, "{text}");
        assert_eq!(text.contains("clock_wrong"), error_ms != 0, "{text}");
    }
}
