//! Writing `Set-Cookie` lines (RFC 6265bis §4.1).

use alloc::format;
use alloc::string::String;

use super::{CookieName, CookieNames};

/// The line that sets one of our cookies. With `max_age_s` (whole seconds) the browser keeps it that long;
/// without, until it is closed. The value must be of our making: tokens consist of characters that need no
/// quoting.
pub fn set(names: CookieNames, cookie: CookieName, value: &str, max_age_s: Option<u64>) -> String {
    let max_age = max_age_s.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{}={value}; {}{max_age}", names.name(cookie), attributes(names, cookie))
}

/// The line that makes the browser drop one of our cookies, with the attributes it was set with: browsers
/// take a line with others to be about another cookie.
pub fn clear(names: CookieNames, cookie: CookieName) -> String {
    set(names, cookie, "", Some(0))
}

const fn attributes(names: CookieNames, cookie: CookieName) -> &'static str {
    match (names.are_secure(), cookie.is_http_only()) {
        (true, true) => "Path=/; Secure; HttpOnly; SameSite=Lax",
        (true, false) => "Path=/; Secure; SameSite=Lax",
        (false, true) => "Path=/; HttpOnly; SameSite=Lax",
        (false, false) => "Path=/; SameSite=Lax",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_carry_our_attributes() {
        assert_eq!(
            set(CookieNames::Host, CookieName::Access, "v1.a.b.c", None),
            "__Host-sg=v1.a.b.c; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            set(CookieNames::Host, CookieName::Csrf, "t", Some(60)),
            "__Host-sg_csrf=t; Path=/; Secure; SameSite=Lax; Max-Age=60"
        );
        assert_eq!(
            clear(CookieNames::Host, CookieName::Access),
            "__Host-sg=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert_eq!(set(CookieNames::Dev, CookieName::Access, "t", None), "sg=t; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(set(CookieNames::Dev, CookieName::Csrf, "t", None), "sg_csrf=t; Path=/; SameSite=Lax");
    }
}
