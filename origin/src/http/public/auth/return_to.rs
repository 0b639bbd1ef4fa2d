//! Where to go after signing in: a path on the same origin and nothing else.

/// The longest path we send anybody back to.
const MAX_LENGTH: usize = 2_048;

/// The path if it is one on the same origin, `/` otherwise. Browsers read `//host` and `/\host` as another
/// host, drop tabs and line breaks before they look, and take what they cannot read for a path.
pub(super) fn sanitise(path: &str) -> &str {
    let bytes = path.as_bytes();
    let own = bytes.first() == Some(&b'/')
        && !matches!(bytes.get(1), Some(b'/' | b'\\'))
        && bytes.len() <= MAX_LENGTH
        // Neither controls nor spaces nor bytes that a header would need encoded.
        && bytes.iter().all(u8::is_ascii_graphic);
    if own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_ours_are_kept() {
        for path in
            ["/", "/account", "/a/b?c=d&e=%2F%2Fevil.example#f", "/%5Cevil", "/a//b", "/a\\b", "/@evil.example", "/."]
        {
            assert_eq!(sanitise(path), path);
        }
    }

    #[test]
    fn everything_else_becomes_the_front_page() {
        let long = format!("/{}", "a".repeat(MAX_LENGTH));
        for hostile in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "http:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            " /account",
            "/a b",
            "/a\r\nSet-Cookie: sg=x",
            "/a\0",
            "/\u{7f}",
            "/\u{ff0f}evil.example",
            "\u{feff}/account",
            "?next=/account",
            "#top",
            "@evil.example",
            ".evil.example",
            &long,
        ] {
            assert_eq!(sanitise(hostile), "/", "{hostile:?}");
        }
    }
}
