//! Errands: the only requests the edge makes on its own account.
//!
//! Requests are separate I/O contexts in workerd, and a future of one must never be waited for by another.
//! What may be shared is a JavaScript promise that yields plain bytes, kept alive by the `waitUntil` of the
//! request that made it. Sharing is an optimisation: whoever waited too long asks by itself.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use worker::{CacheMode, Context, Delay, Env, Fetch, Headers, Method, Request, RequestInit, Response, event};

use super::gate;
use crate::errand::{CREDENTIAL_HEADER, Question};

/// How long somebody waits for an answer that another request asked for.
const SHARED_WAIT: Duration = Duration::from_millis(1_500);

/// How long a request to the origin may take. Also, in milliseconds, how long it counts as under way.
const OWN_WAIT: Duration = Duration::from_secs(2);

struct UnderWay {
    asked_at_ms: f64,
    answer: Promise,
}

thread_local! {
    static UNDER_WAY: RefCell<HashMap<String, UnderWay>> = RefCell::default();
}

/// Runs the errand that the entry module names in the header `errand`; `now` is its clock. The answer's
/// headers are the origin's `status` (0 for none) and `asked-at`, when the question was sent.
#[event(fetch)]
async fn fetch(request: Request, _env: Env, ctx: Context) -> worker::Result<Response> {
    let errand = request.headers().get("errand")?.unwrap_or_default();
    let now_ms = request.headers().get("now")?.and_then(|now| now.parse().ok()).unwrap_or(0.0);
    #[cfg(feature = "panic")]
    super::provoke::panic_at(super::provoke::Place::Errand);
    let (asked_at_ms, answer) = match under_way(&errand, now_ms) {
        Some((asked_at_ms, promise)) => match within(SHARED_WAIT, JsFuture::from(promise)).await {
            Some(answer) => (asked_at_ms, answer),
            None => (now_ms, JsFuture::from(ask(&errand, now_ms, &ctx)).await),
        },
        None => (now_ms, JsFuture::from(ask(&errand, now_ms, &ctx)).await),
    };
    let bytes = answer.map(|answer| answer.unchecked_into::<Uint8Array>().to_vec()).unwrap_or_default();
    let (status, body) =
        bytes.split_first_chunk().map_or((0, &[][..]), |(status, body)| (u16::from_be_bytes(*status), body));
    let mut response = Response::from_bytes(body.to_vec())?;
    response.headers_mut().set("status", &status.to_string())?;
    response.headers_mut().set("asked-at", &asked_at_ms.to_string())?;
    Ok(response)
}

/// The same errand, if another request is out on it and has not been for too long.
fn under_way(errand: &str, now_ms: f64) -> Option<(f64, Promise)> {
    let lapse_ms = OWN_WAIT.as_secs_f64() * 1_000.0;
    UNDER_WAY.with_borrow(|map| {
        let found = map.get(errand).filter(|found| (0.0..lapse_ms).contains(&(now_ms - found.asked_at_ms)))?;
        Some((found.asked_at_ms, found.answer.clone()))
    })
}

/// Sends the question. The promise yields the status in two bytes and the body, or fails.
fn ask(errand: &str, now_ms: f64, ctx: &Context) -> Promise {
    let name = errand.to_owned();
    let promise = future_to_promise(async move {
        let answer = within(OWN_WAIT, send(&name)).await;
        #[cfg(feature = "panic")]
        super::provoke::panic_at(super::provoke::Place::Answer);
        // Another call may have taken this one's place meanwhile, having waited too long for it.
        UNDER_WAY.with_borrow_mut(|map| {
            if map.get(&name).is_some_and(|found| found.asked_at_ms <= now_ms) {
                map.remove(&name);
            }
        });
        match answer {
            Some(Ok(bytes)) => Ok(Uint8Array::from(bytes.as_slice()).into()),
            Some(Err(error)) => Err(JsValue::from_str(&error.to_string())),
            None => Err(JsValue::from_str("no answer in time")),
        }
    });
    let entry = UnderWay { asked_at_ms: now_ms, answer: promise.clone() };
    UNDER_WAY.with_borrow_mut(|map| map.insert(errand.to_owned(), entry));
    let kept = promise.clone();
    ctx.wait_until(async move {
        // Only kept alive here: whoever asked looks at how it ended.
        let _ = JsFuture::from(kept).await;
    });
    promise
}

async fn send(errand: &str) -> worker::Result<Vec<u8>> {
    let question = gate::question(errand).ok_or("the errand cannot be read")?;
    let mut response = Fetch::Request(build(question)?).send().await?;
    let mut bytes = response.status_code().to_be_bytes().to_vec();
    bytes.extend(response.bytes().await?);
    Ok(bytes)
}

fn build(question: Question) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set(CREDENTIAL_HEADER, &question.credential)?;
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
