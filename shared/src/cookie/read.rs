//! Reading a `Cookie` header (RFC 6265bis §4.2).
//!
//! Pairs are split at `;`, name and value at the first `=`, and nothing but SP and HTAB is trimmed: a
//! name with any other character around it is another name. Quotes belong to the value.

use alloc::string::String;

use super::{CookieName, CookieNames};

/// The pairs of a `Cookie` header, in order. A pair without `=` has an empty name, as in RFC 6265bis §5.6.
pub fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(';').map(trim).filter(|pair| !pair.is_empty()).map(split)
}

/// The values of one of our cookies, in the order they were sent. A browser that was handed a second cookie
/// of our name, say for a parent domain, sends both.
pub fn values_of(header: &str, names: CookieNames, cookie: CookieName) -> impl Iterator<Item = &str> {
    let wanted = names.name(cookie);
    pairs(header).filter_map(move |(name, value)| (name == wanted).then_some(value))
}

/// The header without our cookies, for whoever must not see them. Empty when nothing is left.
///
/// Several `Cookie` lines, which HTTP/1.1 does not allow (RFC 6265bis §5.8.3), may reach us joined by commas. A cookie
/// of ours behind a comma is never read, since anybody who may set a cookie could have written it into the value of
/// another one; but it is taken out.
pub fn without_ours(header: &str, names: CookieNames) -> String {
    let is_ours = |pair: &str| names.find(split(trim(pair)).0).is_some();
    let pieces = header.split(';').flat_map(|pair| {
        let separator = if pair.split(',').any(is_ours) { ',' } else { ';' };
        pair.split(separator)
    });
    join(pieces.filter(|pair| !is_ours(pair)))
}

/// The header with our cookies alone. Empty when there are none.
pub fn only_ours(header: &str, names: CookieNames) -> String {
    join(header.split(';').filter(|pair| names.find(split(trim(pair)).0).is_some()))
}

fn join<'h>(pairs: impl Iterator<Item = &'h str>) -> String {
    let mut joined = String::new();
    for pair in pairs.map(trim).filter(|pair| !pair.is_empty()) {
        if !joined.is_empty() {
            joined.push_str("; ");
        }
        joined.push_str(pair);
    }
    joined
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn split(pair: &str) -> (&str, &str) {
    let (name, value) = pair.split_once('=').unwrap_or(("", pair));
    (trim(name), trim(value))
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    fn access(header: &str) -> Vec<&str> {
        values_of(header, CookieNames::Host, CookieName::Access).collect()
    }

    #[test]
    fn finds_every_value_of_the_very_name() {
        assert_eq!(access("a=1; __Host-sg=x; __Host-sg=y; b=2"), vec!["x", "y"]);
        assert_eq!(access(" \t__Host-sg\t=\tx \t;"), vec!["x"]);
        assert_eq!(access("__Host-sg==x="), vec!["=x="]);
        assert_eq!(access("__Host-sg=\"x\""), vec!["\"x\""]);
        assert_eq!(access("__Host-sg="), vec![""]);
    }

    #[test]
    fn takes_no_other_name_for_ours() {
        for header in [
            "",
            ";;; ;",
            "__host-sg=x",
            "__Host-sg_csrf=x",
            "\u{a0}__Host-sg=x",
            "__Host-sg\u{2003}=x",
            "__Host-sg",
            "a=__Host-sg=x",
            "sg=x",
            "=__Host-sg=x",
            "\"__Host-sg\"=x",
        ] {
            assert_eq!(access(header), Vec::<&str>::new(), "{header:?}");
        }
    }

    #[test]
    fn parts_ours_from_the_others() {
        let header =
            "theme=dark;__Host-sg=x;  __Host-sg_csrf=y; flag ; __Host-sg_refresh=z;cart=\"a b\"; __Host-sg_login=w";
        assert_eq!(without_ours(header, CookieNames::Host), "theme=dark; flag; cart=\"a b\"");
        assert_eq!(
            only_ours(header, CookieNames::Host),
            "__Host-sg=x; __Host-sg_csrf=y; __Host-sg_refresh=z; __Host-sg_login=w"
        );
        assert_eq!(without_ours("__Host-sg=x", CookieNames::Host), "");
        assert_eq!(without_ours("sg=x; sg_csrf=y; z=1", CookieNames::Dev), "z=1");
    }

    #[test]
    fn behind_a_comma_ours_are_taken_out_and_never_read() {
        for header in [
            "a=1, __Host-sg=x",
            "a=1,__Host-sg=x",
            "a=1 , \t__Host-sg = x",
            "__Host-sg=x, a=1",
            "a=1, __Host-sg_csrf=y",
        ] {
            assert_eq!(without_ours(header, CookieNames::Host), "a=1", "{header}");
        }
        assert_eq!(without_ours("a=1; b=2, c=3, __Host-sg=x; d=4", CookieNames::Host), "a=1; b=2; c=3; d=4");
        assert_eq!(without_ours("a=\"1, 2\"; b=x,y", CookieNames::Host), "a=\"1, 2\"; b=x,y");
        assert_eq!(access("a=1, __Host-sg=x"), Vec::<&str>::new());
        assert_eq!(only_ours("a=1, __Host-sg=x", CookieNames::Host), "");
    }
}
