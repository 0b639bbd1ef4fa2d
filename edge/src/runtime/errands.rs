//! Errands: the only requests the edge makes on its own account.
//!
//! Requests are separate I/O contexts in workerd, and nothing here may wait for another request's promise: what is
//! made after such a wait may belong to the wrong one. The entry module shares answers, once they are plain bytes.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use wasm_bindgen::JsValue;
use worker::{
    CacheMode, CfProperties, Context, Delay, Env, Fetch, Headers, Method, Request, RequestInit, Response, event,
};

use super::gate;
use crate::errand::Question;

/// How long a request to the origin may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// Runs the errand that the entry module names in the header `errand`. The answer has the origin's body, and its
/// status in the header `status`, 0 when there was no answer in time.
#[event(fetch)]
async fn fetch(request: Request, _env: Env, _ctx: Context) -> worker::Result<Response> {
    let header = |name| request.headers().get(name).map(Option::unwrap_or_default);
    let (errand, challenge) = (header("errand")?, header("challenge")?);
    #[cfg(feature = "panic")]
    super::provoke::panic_at(super::provoke::Place::Errand);
    let answer = within(DEADLINE, send(&errand, &challenge)).await;
    #[cfg(feature = "panic")]
    super::provoke::panic_at(super::provoke::Place::Answer);
    let Answer { status, age_ms, body } = answer.and_then(Result::ok).unwrap_or_default();
    let mut response = Response::from_bytes(body)?;
    response.headers_mut().set("status", &status.to_string())?;
    response.headers_mut().set("age-ms", &age_ms.to_string())?;
    Ok(response)
}

#[derive(Default)]
struct Answer {
    status: u16,
    /// How long ago it was made, at most, in milliseconds.
    age_ms: u64,
    body: Vec<u8>,
}

async fn send(errand: &str, challenge: &str) -> worker::Result<Answer> {
    let question = gate::question(errand, challenge).ok_or("the errand cannot be read")?;
    let mut response = Fetch::Request(build(question)?).send().await?;
    // Whole seconds, rounded down (RFC 9111 §5.1). Who answers from no cache says nothing.
    let age: Option<u64> = response.headers().get("age")?.and_then(|age| age.parse().ok());
    let age_ms = age.map_or(0, |age| age.saturating_add(1).saturating_mul(1_000));
    Ok(Answer { status: response.status_code(), age_ms, body: response.bytes().await? })
}

fn build(question: Question) -> worker::Result<Request> {
    let headers = Headers::new();
    for (name, value) in question.headers {
        headers.set(name, &value)?;
    }
    let mut init = RequestInit::new();
    if let Some(body) = question.body {
        init.with_body(Some(JsValue::from_str(&body)));
    }
    if question.is_shared {
        // The origin says for how long. `cacheTtl` would have the last word over it, also about errors.
        init.with_cf_properties(CfProperties { cache_everything: Some(true), ..CfProperties::default() });
    } else {
        init.with_cache(CacheMode::NoStore);
    }
    init.with_method(Method::from(question.method.to_owned())).with_headers(headers);
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
