//! Where to go after signing in: a path on the same origin and nothing else.

use std::sync::LazyLock;

use url::Url;

/// The longest path we send anybody back to.
const MAX_LENGTH: usize = 2_048;

/// Any site: what is relative to it must stay on it.
static HERE: LazyLock<Url> = LazyLock::new(|| Url::parse("https://here.invalid/").expect("a URL"));

/// The path if it is one on the same origin, `/` otherwise.
pub(super) fn sanitise(path: &str) -> &str {
    if leads_here(path) { path } else { "/" }
}

/// Browsers read `//host` and `/\host` as another host, drop tabs and line breaks before they look, and take what they cannot
/// read for a path. So only what is plain is looked at, and then read as they do (WHATWG URL).
fn leads_here(path: &str) -> bool {
    // Neither controls nor spaces nor bytes that a header would need encoded.
    let is_plain =
        path.starts_with('/') && path.len() <= MAX_LENGTH && path.bytes().all(|byte| byte.is_ascii_graphic());
    let resolved = if is_plain { HERE.join(path).ok() } else { None };
    resolved
        .is_some_and(|url| url.origin() == HERE.origin() && !is_taken_for_a_host(url.path()) && !goes_round(url.path()))
}

/// Whether the path would be another host to somebody who decodes it before they send people there, now that its dots are
/// gone: `/.//host` is the path `//host`.
fn is_taken_for_a_host(path: &str) -> bool {
    let first = match path.as_bytes() {
        [_, b'%', high, low, ..] => {
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            let code = digit(high).zip(digit(low)).map(|(high, low)| high * 16 + low);
            code.and_then(char::from_u32).unwrap_or(' ')
        }
        [_, first, ..] => char::from(*first),
        _ => return false,
    };
    matches!(first, '/' | '\\' | ' ') || first.is_control()
}

/// Whether it is a way in or out, and not a page: whoever has just come in would be sent through the door again.
fn goes_round(path: &str) -> bool {
    let Some(below) = path.strip_prefix("/auth").filter(|below| below.is_empty() || below.starts_with('/')) else {
        return false;
    };
    below != "/account"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_ours_are_kept() {
        for path in [
            "/",
            "/account",
            "/a/b?c=d&e=%2F%2Fevil.example#f",
            "/a//b",
            "/a\\b",
            "/@evil.example",
            "/.",
            "/a/../b",
            "/%41",
            "/%",
            "/?//evil.example",
            "/#//evil.example",
            "/auth/account",
            "/auth/account?note=ended",
            "/auth/../orders",
            "/authors",
            "/AUTH/login",
        ] {
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
            "https:evil.example",
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
            "/.//evil.example",
            "/..//evil.example",
            "/./\\evil.example",
            "/a/..//evil.example",
            "/%2e//evil.example",
            "/.%2E/\\evil.example",
            "/%2f/evil.example",
            "/%2F%2Fevil.example",
            "/%5Cevil.example",
            "/%09/evil.example",
            "/%20//evil.example",
            "/%7f/evil.example",
            "/auth",
            "/auth/",
            "/auth/login",
            "/auth/login?return_to=/orders",
            "/auth/oidc/example/login",
            "/auth/oidc/callback?code=x",
            "/auth/logout",
            "/x/../auth/login",
            "/auth\\login",
            "/auth/account/../login",
            "/auth/%2e%2e/auth/login",
            &long,
        ] {
            assert_eq!(sanitise(hostile), "/", "{hostile:?}");
        }
    }
}
