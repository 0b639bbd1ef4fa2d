//! The synchronous calls of the entry module. Texts and numbers go in, one text comes out; nothing here
//! waits.

use std::cell::RefCell;

use sealgate_shared::time::UnixMillis;
use wasm_bindgen::prelude::wasm_bindgen;

use sealgate_edge::door::{Answer, Door};
use sealgate_edge::errand::{Asked, Client, Errand, Outcome, Question};
use sealgate_edge::guard::SetCookies;
use sealgate_edge::refusal::{Denial, Refusal};
use sealgate_edge::renewal::Returning;
use sealgate_edge::request::{Browsing, Incoming};
use sealgate_edge::settings::Settings;
use sealgate_edge::{sharing, sign_in};

thread_local! {
    /// One isolate is one thread. A panic empties this, and the gate then asks to be loaded again.
    static DOOR: RefCell<Option<Door>> = const { RefCell::new(None) };
}

/// What the gate answers while it holds no settings.
const LOAD: &str = "load";

/// Takes in the configuration. Answers nothing when all is well, else what is wrong with it.
#[wasm_bindgen]
pub fn load(json: &str, secret: &str, upstream_secrets: &str) -> String {
    match Settings::parse(json, secret, upstream_secrets) {
        Ok(settings) => {
            DOOR.set(Some(Door::new(settings)));
            String::new()
        }
        Err(error) => error.to_string(),
    }
}

/// Decides about a request: see [`sealgate_edge::verdict::Verdict`] for the answer. `headers` is empty for most requests, see
/// [`Incoming::headers`]; `outcome` is empty at first, and then what [`absorb`] answered.
#[wasm_bindgen]
pub fn gate(url: &str, method: &str, cookie: &str, headers: &str, outcome: &str, now_ms: f64) -> String {
    let incoming = Incoming { url, method, cookie, headers, now: moment(now_ms) };
    with_door(|door| {
        #[cfg(feature = "panic")]
        crate::provoke::panic_at(crate::provoke::Place::Gate);
        door.decide(&incoming, Outcome::parse(outcome)).to_string()
    })
}

/// The origin has answered a request, which may have ended the session it carried: see [`Door::doubt`].
#[wasm_bindgen]
pub fn doubt(url: &str, method: &str, cookie: &str, headers: &str, now_ms: f64) -> String {
    let incoming = Incoming { url, method, cookie, headers, now: moment(now_ms) };
    with_door(|door| {
        door.doubt(&incoming);
        String::new()
    })
}

/// Makes the answer to a request that is refused: see [`sign_in::Answer`]. `denial` is what the gate wrote behind `refuse`.
#[wasm_bindgen]
pub fn refuse(denial: &str, url: &str, method: &str, cookie: &str, accept: &str, fetch_mode: &str) -> String {
    // Nothing in a refusal depends on the time, nor on the headers that a decision does.
    let incoming = Incoming { url, method, cookie, headers: "", now: UnixMillis::MAX };
    let browsing = Browsing { accept, fetch_mode };
    DOOR.with_borrow(|door| {
        let settings = door.as_ref().map(|door| &*door.settings);
        // What nobody can read is a mistake of ours, and so a misconfiguration.
        let denial = Denial::parse(denial).unwrap_or_else(|| Refusal::Misconfigured.into());
        sign_in::answer(denial, &incoming, &browsing, settings).to_string()
    })
}

/// Decides about the `Set-Cookie` lines of a response with these headers `Age` and `Cache-Control` (empty when
/// absent): see [`sealgate_edge::guard::Passage`].
#[wasm_bindgen]
pub fn guard(url: &str, lines: &str, age: &str, cache_control: &str, outcome: &str, now_ms: f64) -> String {
    let lines: Vec<&str> = lines.split('\n').collect();
    let answer = SetCookies { url, lines: &lines, age, cache_control };
    with_door(|door| door.guard(&answer, Outcome::parse(outcome), moment(now_ms)).to_string())
}

/// Whether the `Set-Cookie` lines of a refresh go on an answer that has those in `answered`: "yes", or nothing. `asked_at_ms`
/// is when the gate was asked about the request. See [`Returning`].
#[wasm_bindgen]
pub fn hand_out(url: &str, method: &str, lines: &str, answered: &str, asked_at_ms: f64, now_ms: f64) -> String {
    let incoming = Incoming { url, method, cookie: "", headers: "", now: moment(asked_at_ms) };
    let returning = Returning { incoming: &incoming, lines, answered };
    with_door(|door| if door.hands_out(&returning, moment(now_ms)) { "yes".to_owned() } else { String::new() })
}

/// Makes the `Cache-Control` of an answer that was decided on a session: see [`sharing::keep_private`].
#[wasm_bindgen]
pub fn keep_private(cache_control: &str) -> String {
    sharing::keep_private(cache_control)
}

/// Takes in the answer to an errand, or a piece of it behind which `left` bytes are to come. Answers how it ended, for
/// the gate; behind that, new tokens for the request, see [`sealgate_edge::refresh::answer::Refreshed`].
#[wasm_bindgen]
pub fn absorb(errand: &str, status: u16, body: &[u8], left: u32, asked_at_ms: f64, challenge: &str) -> String {
    let asked = Asked { at: moment(asked_at_ms), challenge };
    let answer = Answer { status, body, left };
    with_door(|door| match errand.parse::<Errand>() {
        Ok(Errand::Refresh { tenant, token }) => door.absorb_refresh(&tenant, &token, answer, &asked).to_string(),
        Ok(errand) => door.absorb(&errand, answer, &asked).to_string(),
        // What the gate itself named can be read. No errand at all is a way to ask whether we must be loaded.
        Err(()) => String::new(),
    })
}

/// The request that an errand makes, perhaps for a client.
pub(crate) fn question(errand: &str, challenge: &str, client: Client<'_>) -> Option<Question> {
    let errand = errand.parse::<Errand>().ok()?;
    DOOR.with_borrow_mut(|door| door.as_mut().map(|door| door.question(&errand, challenge, client)))
}

fn with_door(act: impl FnOnce(&mut Door) -> String) -> String {
    DOOR.with_borrow_mut(|door| door.as_mut().map_or_else(|| LOAD.to_owned(), act))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Date.now() is a whole number; the cast saturates"
)]
fn moment(milliseconds: f64) -> UnixMillis {
    UnixMillis::new(milliseconds as u64).unwrap_or(UnixMillis::MAX)
}
