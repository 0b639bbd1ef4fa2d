//! Errands: the only requests the edge makes on its own account.
//!
//! Requests are separate I/O contexts in workerd, and nothing here may wait for another request's promise: what is
//! made after such a wait may belong to the wrong one. The entry module shares answers, once they are plain bytes.
//!
//! The runtime's own types, not `worker::Request` and its kin: those cost 20 kB of the compressed module.

use std::convert::Infallible;

use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::{self, Object, Reflect};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{
    AbortSignal, Headers, Request, RequestCache, RequestInit, RequestRedirect, Response, ResponseInit,
    WorkerGlobalScope,
};
use worker::{Context, Env, event};

use crate::gate;
use sealgate_edge::errand::{Client, Question};

/// How long, in milliseconds, a request to the origin may take, its answer's body included.
const DEADLINE_MS: u32 = 2_000;

/// What the origin answered.
struct Answer {
    status: u16,
    /// How long ago it was made, at most, in milliseconds.
    age_ms: u64,
    body: Object,
}

/// Runs the errand that the entry module names in the header `errand`, for the client that `client-agent` and `client-ip` tell
/// of, if it is for one. The answer has the origin's body, its status in the
/// header `status`, and its age in milliseconds in the header `age-ms`; the status is 0 when there was no answer in time.
///
/// That it cannot fail is said by its type, so that what `event` does about a failure is left out of the module.
#[event(fetch)]
async fn fetch(request: Request, _env: Env, _ctx: Context) -> Result<Response, Infallible> {
    let header = |name| request.headers().get(name).ok().flatten().unwrap_or_default();
    let [errand, challenge, user_agent, ip] = ["errand", "challenge", "client-agent", "client-ip"].map(header);
    #[cfg(feature = "panic")]
    crate::provoke::panic_at(crate::provoke::Place::Errand);
    let answer = send(&errand, &challenge, Client { user_agent: &user_agent, ip: &ip }).await.ok();
    #[cfg(feature = "panic")]
    crate::provoke::panic_at(crate::provoke::Place::Answer);
    // The entry module finds no status in that one, which is a failure to it.
    Ok(report(answer.as_ref()).unwrap_or_else(|_| Response::error()))
}

async fn send(errand: &str, challenge: &str, client: Client<'_>) -> Result<Answer, JsValue> {
    let question = gate::question(errand, challenge, client).ok_or(JsValue::NULL)?;
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let asked = scope.fetch_with_str_and_init(&question.url, &request_init(&question)?);
    let response: Response = JsFuture::from(asked).await?.unchecked_into();
    // Whole seconds, rounded down (RFC 9111 §5.1). Who answers from no cache says nothing.
    let age: Option<u64> = response.headers().get("age")?.and_then(|age| age.parse().ok());
    let age_ms = age.map_or(0, |age| age.saturating_add(1).saturating_mul(1_000));
    let body = JsFuture::from(response.array_buffer()?).await?;
    Ok(Answer { status: response.status(), age_ms, body: body.unchecked_into() })
}

fn request_init(question: &Question) -> Result<RequestInit, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &question.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    if let Some(body) = &question.body {
        init.set_body_opt_str(Some(body));
    }
    if question.is_shared {
        // This property and no other: the origin says for how long. `cacheTtl` would have the last word over it, also
        // about errors, and `worker::CfProperties` writes all that there are.
        let cf = Object::new();
        Reflect::set(&cf, &"cacheEverything".into(), &JsValue::TRUE)?;
        Reflect::set(&init, &"cf".into(), &cf)?;
    } else {
        init.set_cache(RequestCache::NoStore);
    }
    // Whoever answers with another address must not get our credential sent there.
    init.set_redirect(RequestRedirect::Manual);
    init.set_method(question.method);
    init.set_headers_headers(&headers);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(DEADLINE_MS)));
    Ok(init)
}

fn report(answer: Option<&Answer>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    let (status, age_ms) = answer.map_or((0, 0), |answer| (answer.status, answer.age_ms));
    headers.set("status", &status.to_string())?;
    headers.set("age-ms", &age_ms.to_string())?;
    let init = ResponseInit::new();
    init.set_headers_headers(&headers);
    Response::new_with_opt_buffer_source_and_init(answer.map(|answer| &answer.body), &init)
}
