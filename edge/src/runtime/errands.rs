//! Errands: the only requests the edge makes on its own account.
//!
//! Requests are separate I/O contexts in workerd, and nothing here may wait for another request's promise: what is
//! made after such a wait may belong to the wrong one. The entry module shares answers, once they are plain bytes.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use wasm_bindgen::JsValue;
use worker::{CacheMode, Context, Delay, Env, Fetch, Headers, Method, Request, RequestInit, Response, event};

use super::gate;
use crate::errand::{CREDENTIAL_HEADER, Question};

/// How long a request to the origin may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// Runs the errand that the entry module names in the header `errand`. The answer has the origin's body, and its
/// status in the header `status`, 0 when there was no answer in time.
#[event(fetch)]
async fn fetch(request: Request, _env: Env, _ctx: Context) -> worker::Result<Response> {
    let errand = request.headers().get("errand")?.unwrap_or_default();
    #[cfg(feature = "panic")]
    super::provoke::panic_at(super::provoke::Place::Errand);
    let answer = within(DEADLINE, send(&errand)).await;
    #[cfg(feature = "panic")]
    super::provoke::panic_at(super::provoke::Place::Answer);
    let (status, body) = answer.and_then(Result::ok).unwrap_or_default();
    let mut response = Response::from_bytes(body)?;
    response.headers_mut().set("status", &status.to_string())?;
    Ok(response)
}

async fn send(errand: &str) -> worker::Result<(u16, Vec<u8>)> {
    let question = gate::question(errand).ok_or("the errand cannot be read")?;
    let mut response = Fetch::Request(build(question)?).send().await?;
    Ok((response.status_code(), response.bytes().await?))
}

fn build(question: Question) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set(CREDENTIAL_HEADER, &question.credential)?;
    if let Some(held) = question.held {
        headers.set("if-none-match", &held)?;
    }
    let mut init = RequestInit::new();
    if let Some(body) = question.body {
        headers.set("content-type", "application/json")?;
        init.with_body(Some(JsValue::from_str(&body)));
    }
    init.with_method(Method::from(question.method.to_owned())).with_headers(headers).with_cache(CacheMode::NoStore);
    Request::new_with_init(&question.url, &init)
}

/// Does the work, unless it takes longer than `limit`.
async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut timer = pin!(Delay::from(limit));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}
