//! How large the counts are: small everywhere, and those that the issues name with `TEST_SCALE=full`.

/// Picks one of two counts.
pub fn count(small: usize, full: usize) -> usize {
    if is_full() { full } else { small }
}

fn is_full() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the tests have no other configuration")]
    let scale = std::env::var("TEST_SCALE");
    match scale.as_deref() {
        Ok("full") => true,
        Err(_) | Ok("" | "small") => false,
        Ok(other) => panic!("TEST_SCALE must be small or full, not {other:?}"),
    }
}
