//! What was decided on a session is nothing for caches that others share (RFC 9111).

/// What becomes of an application's `Cache-Control` (empty when there was none) on the answer to a request that was
/// decided on a session: whatever it says of sharing, since a cache before us would decide on no session. How long the
/// browser itself may keep the answer stays the application's affair.
pub fn keep_private(cache_control: &str) -> String {
    let is_unshared = |directive: &&str| !directive.is_empty() && !speaks_of_sharing(directive);
    // Directives with lists of fields are too rare to be taken apart.
    if cache_control.contains('"') {
        let forbids_storing = cache_control.to_ascii_lowercase().contains("no-store");
        return if forbids_storing { "no-store" } else { "private, no-cache" }.to_owned();
    }
    let kept: Vec<&str> = cache_control.split(',').map(str::trim).filter(is_unshared).collect();
    let forbids_storing = kept.iter().any(|directive| directive.eq_ignore_ascii_case("no-store"));
    let private = (!forbids_storing).then_some("private");
    private.into_iter().chain(kept).collect::<Vec<_>>().join(", ")
}

/// Whether the directive allows sharing, or will be said anew.
fn speaks_of_sharing(directive: &str) -> bool {
    let name = directive.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(name.as_str(), "public" | "private" | "s-maxage" | "proxy-revalidate" | "must-understand")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_for_shared_caches() {
        for (said, becomes) in [
            ("", "private"),
            ("private", "private"),
            ("no-store", "no-store"),
            ("public", "private"),
            ("max-age=60", "private, max-age=60"),
            ("public, max-age=60", "private, max-age=60"),
            ("Public , S-MaxAge=60,max-age=5", "private, max-age=5"),
            ("s-maxage = 60", "private"),
            ("private, max-age=60", "private, max-age=60"),
            ("No-Store, public", "No-Store"),
            ("must-understand, no-store", "no-store"),
            ("no-cache=\"set-cookie\", public", "private, no-cache"),
            ("private=\"x-a\", no-store", "no-store"),
            ("publicity=1", "private, publicity=1"),
        ] {
            assert_eq!(keep_private(said), becomes, "{said}");
        }
    }
}
