//! The synchronous calls of the entry module. Texts and numbers go in, one text comes out; nothing here
//! waits.

use std::cell::RefCell;

use sealgate_shared::time::UnixMillis;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::door::{Answer, Door};
use crate::errand::{Asked, Errand, Outcome, Question};
use crate::guard::SetCookies;
use crate::refusal::Refusal;
use crate::request::{Browsing, Incoming};
use crate::settings::Settings;
use crate::{sharing, sign_in};

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

/// Decides about a request: see [`crate::verdict::Verdict`] for the answer. `outcome` is empty at first, and
/// then what [`absorb`] answered.
#[wasm_bindgen]
pub fn gate(url: &str, method: &str, cookie: &str, outcome: &str, now_ms: f64) -> String {
    let incoming = Incoming { url, method, cookie, now: moment(now_ms) };
    with_door(|door| {
        #[cfg(feature = "panic")]
        super::provoke::panic_at(super::provoke::Place::Gate);
        door.decide(&incoming, Outcome::parse(outcome)).to_string()
    })
}

/// The origin has answered a request to `/auth` that may have ended the session it carried: see [`Door::doubt`].
#[wasm_bindgen]
pub fn doubt(url: &str, cookie: &str, now_ms: f64) -> String {
    let incoming = Incoming { url, method: "POST", cookie, now: moment(now_ms) };
    with_door(|door| {
        door.doubt(&incoming);
        String::new()
    })
}

/// Makes the answer to a request that is refused with `code`: see [`sign_in::Answer`].
#[wasm_bindgen]
pub fn refuse(code: &str, url: &str, method: &str, cookie: &str, accept: &str, fetch_mode: &str) -> String {
    // Nothing in a refusal depends on the time.
    let incoming = Incoming { url, method, cookie, now: UnixMillis::MAX };
    let browsing = Browsing { accept, fetch_mode };
    DOOR.with_borrow(|door| {
        let settings = door.as_ref().map(|door| &*door.settings);
        // A code nobody knows is a mistake of ours, and so a misconfiguration.
        let refusal = Refusal::from_code(code).unwrap_or(Refusal::Misconfigured);
        sign_in::answer(refusal, &incoming, &browsing, settings).to_string()
    })
}

/// Decides about the `Set-Cookie` lines of a response with these headers `Age` and `Cache-Control` (empty when
/// absent): see [`crate::guard::Passage`].
#[wasm_bindgen]
pub fn guard(url: &str, lines: &str, age: &str, cache_control: &str, outcome: &str, now_ms: f64) -> String {
    let lines: Vec<&str> = lines.split('\n').collect();
    let answer = SetCookies { url, lines: &lines, age, cache_control };
    with_door(|door| door.guard(&answer, Outcome::parse(outcome), moment(now_ms)).to_string())
}

/// Makes the `Cache-Control` of an answer that was decided on a session: see [`sharing::keep_private`].
#[wasm_bindgen]
pub fn keep_private(cache_control: &str) -> String {
    sharing::keep_private(cache_control)
}

/// Takes in the answer to an errand, or a piece of it behind which `left` bytes are to come. Answers how it ended, for
/// the gate.
#[wasm_bindgen]
pub fn absorb(errand: &str, status: u16, body: &[u8], left: u32, asked_at_ms: f64, challenge: &str) -> String {
    let asked = Asked { at: moment(asked_at_ms), challenge };
    with_door(|door| match errand.parse::<Errand>() {
        Ok(errand) => door.absorb(&errand, Answer { status, body, left }, &asked).to_string(),
        // What the gate itself named can be read. No errand at all is a way to ask whether we must be loaded.
        Err(()) => String::new(),
    })
}

/// The request that an errand makes.
pub(super) fn question(errand: &str, challenge: &str) -> Option<Question> {
    let errand = errand.parse::<Errand>().ok()?;
    DOOR.with_borrow_mut(|door| door.as_mut().map(|door| door.question(&errand, challenge)))
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
