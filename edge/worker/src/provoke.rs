//! Panics on demand, in a build that only the tests make (the feature `panic`).

use std::cell::Cell;

use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static NEXT: Cell<Option<Place>> = const { Cell::new(None) };
}

/// Where the module can be made to panic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the middle of a decision, everything the door holds borrowed.
    Gate,
    /// In an errand, before it asks.
    Errand,
    /// In what several requests wait for, when the origin has answered.
    Answer,
}

/// Makes the module panic the next time it comes to `place`.
#[wasm_bindgen]
pub fn provoke(place: &str) -> String {
    NEXT.set(match place {
        "gate" => Some(Place::Gate),
        "errand" => Some(Place::Errand),
        "answer" => Some(Place::Answer),
        _ => None,
    });
    String::new()
}

pub(crate) fn panic_at(place: Place) {
    assert!(NEXT.get() != Some(place), "provoked");
}
