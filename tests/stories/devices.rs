//! Where somebody is signed in, and signing out there.

use reqwest::Method;
use sealgate_tests::browser::{Answer, Browser};
use serde_json::Value;

mod cap;
mod listing;
mod privacy;
mod signing_out;

/// One's live sessions, as the origin lists them.
async fn listed(browser: &mut Browser) -> Vec<Value> {
    let answer = browser.get("/auth/sessions").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["sessions"].as_array().expect("a list").clone()
}

/// Their ids.
async fn ids(browser: &mut Browser) -> Vec<String> {
    listed(browser).await.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

fn path_of(session: &Value) -> String {
    format!("/auth/sessions/{}", session["id"].as_str().unwrap())
}

async fn patch(browser: &mut Browser, path: &str, body: &Value) -> Answer {
    let request = browser.request(Method::PATCH, path).json(body);
    let response = request.send().await.unwrap();
    browser.keep_all(response.headers());
    Answer::read(response).await
}
