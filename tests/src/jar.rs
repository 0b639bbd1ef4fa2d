//! What a browser knows of its cookies besides their values: which outlive its closing, and until when by its own clock.

use std::collections::BTreeMap;

use sealgate_origin::clock::MovableClock;

/// The browser's memory of `Max-Age`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jar {
    clock: Option<OwnClock>,
    /// Of those that outlive the browser's closing, the last second of theirs; by no clock they never end.
    ends: BTreeMap<String, i64>,
}

/// The story's clock, put wrong.
#[derive(Clone, Debug)]
struct OwnClock {
    clock: MovableClock,
    ahead_ms: i64,
}

/// What a `Set-Cookie` line says (RFC 6265bis §5.6).
pub(crate) enum Told<'l> {
    Keep { name: &'l str, value: &'l str },
    Drop { name: &'l str },
}

impl Jar {
    /// From now on cookies end by this clock, which is this much ahead.
    pub(crate) fn go_by(&mut self, clock: MovableClock, ahead_ms: i64) {
        self.clock = Some(OwnClock { clock, ahead_ms });
    }

    /// Reads a line, and remembers until when the cookie is to be kept.
    pub(crate) fn read<'l>(&mut self, line: &'l str) -> Told<'l> {
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a name");
        let max_age = attributes.split(';').find_map(|attribute| attribute.trim().strip_prefix("Max-Age="));
        let max_age: Option<i64> = max_age.map(|seconds| seconds.parse().expect("seconds are a number"));
        match max_age {
            Some(seconds) if seconds <= 0 => {
                self.ends.remove(name);
                return Told::Drop { name };
            }
            Some(seconds) => _ = self.ends.insert(name.to_owned(), self.now_ms().saturating_add(seconds * 1_000)),
            None => _ = self.ends.remove(name),
        }
        Told::Keep { name, value }
    }

    /// Whether a cookie's time is over.
    pub(crate) fn is_over(&self, name: &str) -> bool {
        self.clock.is_some() && self.ends.get(name).is_some_and(|&end| end <= self.now_ms())
    }

    /// Whether a cookie outlives the browser's closing.
    pub(crate) fn outlives(&self, name: &str) -> bool {
        self.ends.contains_key(name)
    }

    fn now_ms(&self) -> i64 {
        let Some(OwnClock { clock, ahead_ms }) = &self.clock else { return i64::MAX / 2 };
        i64::try_from(clock.now().as_u64()).expect("a time fits") + ahead_ms
    }
}
