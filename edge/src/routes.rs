//! Which policy a path has.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// What a request needs to be let through, from the laxest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Nothing. No session is looked at, and none is told to the application.
    Public,
    /// A live session.
    Session,
}

/// A path and all below it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Begins with `/`; `/public` covers `/public` and `/public/…`, not `/publicity`.
    pub path: String,
    /// What it needs.
    pub policy: Policy,
}

/// The routes of a tenant. The longest matching path decides; where none matches, a session is needed.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    exact: Vec<Route>,
    lower_case: Vec<Route>,
}

impl Routes {
    /// Makes the table. Of two routes of the same path, or of paths that differ in case alone, the stricter is
    /// found first.
    pub fn new(routes: &[Route]) -> Self {
        let table = |read: fn(&str) -> String| {
            let read = |route: &Route| Route { path: read(trim_slash(&route.path)), policy: route.policy };
            let mut table: Vec<Route> = routes.iter().map(read).collect();
            table.sort_by_key(|route| core::cmp::Reverse((route.path.len(), route.policy)));
            table
        };
        Self { exact: table(|path| decode(path).into_owned()), lower_case: table(|path| decode(path).to_lowercase()) }
    }

    /// The policy of a path.
    ///
    /// What the application makes of a path is its own affair: it may decode `%70`, fold `//`, ignore case.
    /// So a path that can be read in two ways gets the strictest policy of the table, and one that differs
    /// from a route in case alone gets the stricter of the two readings. What remains may be written with or
    /// without `%` (`%28` and a bracket, RFC 3986 §2.2), and is compared decoded.
    pub fn policy(&self, path: &str) -> Policy {
        if !is_canonical(path) {
            return self.strictest();
        }
        let path = decode(path);
        let exact = look_up(&self.exact, &path);
        if exact != Policy::Public {
            return exact;
        }
        exact.max(look_up(&self.lower_case, &path.to_lowercase()))
    }

    fn strictest(&self) -> Policy {
        self.exact.iter().map(|route| route.policy).max().unwrap_or(Policy::Session).max(Policy::Session)
    }
}

fn look_up(routes: &[Route], path: &str) -> Policy {
    let covers = |route: &&Route| path.strip_prefix(&route.path).is_some_and(|r| r.is_empty() || r.starts_with('/'));
    routes.iter().find(covers).map_or(Policy::Session, |route| route.policy)
}

fn trim_slash(path: &str) -> &str {
    path.trim_end_matches('/')
}

fn decode(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether every reader makes the same of the path: no empty or dot segments, none with ends that some
/// servers trim, no parameters, backslashes or controls, and nothing percent-encoded that stands for itself or for
/// a separator (RFC 3986 §6.2.2), or that some decoders take for it.
pub(crate) fn is_canonical(path: &str) -> bool {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b';' | b'?' | b'#'));
    let segments = path.strip_prefix('/').is_some_and(|rest| {
        let mut segments = rest.split('/').peekable();
        core::iter::from_fn(|| segments.next().map(|segment| (segment, segments.peek().is_none())))
            .all(|(segment, last)| (last || !segment.is_empty()) && !may_be_trimmed(segment))
    });
    plain && segments && path.split('%').skip(1).all(encodes_data) && (!path.contains('%') || decodes_to_text(path))
}

fn may_be_trimmed(segment: &str) -> bool {
    segment.ends_with('.') || segment.ends_with("%20") || segment.starts_with("%20")
}

/// Whether what follows a `%` is two digits that stand for a byte of data.
fn encodes_data(after_percent: &str) -> bool {
    let byte = after_percent.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    byte.is_some_and(|byte| {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let separator = b"/\\;%?#".contains(&byte);
        !unreserved && !separator && !byte.is_ascii_control()
    })
}

/// Whether what is percent-encoded is UTF-8 as RFC 3629 has it (a lax decoder reads `%c0%af` as a slash), and
/// nothing in it is stripped as white space or becomes ASCII where case or width is ignored.
fn decodes_to_text(path: &str) -> bool {
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    let folds = |char| matches!(char, '\u{130}' | '\u{131}' | '\u{17f}' | '\u{212a}' | '\u{ff01}'..='\u{ff5e}');
    core::str::from_utf8(&bytes).is_ok_and(|text| {
        text.chars().all(|char| char.is_ascii() || !(char.is_whitespace() || char.is_control() || folds(char)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        let route = |path: &str, policy| Route { path: path.into(), policy };
        Routes::new(&[
            route("/public", Policy::Public),
            route("/public/private/", Policy::Session),
            route("/public/private/open", Policy::Public),
        ])
    }

    #[test]
    fn longest_route_decides_and_a_session_is_the_default() {
        for (path, policy) in [
            ("/", Policy::Session),
            ("/public", Policy::Public),
            ("/public/", Policy::Public),
            ("/public/a%20b", Policy::Public),
            ("/public/%C3%A9", Policy::Public),
            ("/publicity", Policy::Session),
            ("/public/private", Policy::Session),
            ("/public/private/a", Policy::Session),
            ("/public/private/open/a", Policy::Public),
            ("/other", Policy::Session),
        ] {
            assert_eq!(routes().policy(path), policy, "{path}");
        }
        assert_eq!(Routes::default().policy("/"), Policy::Session);
        let all = Routes::new(&[Route { path: "/".into(), policy: Policy::Public }]);
        assert_eq!(all.policy("/any/thing"), Policy::Public);
    }

    #[test]
    fn a_path_with_two_readings_gets_the_strictest_policy() {
        for path in [
            "/public/../private",
            "/public/./a",
            "/public//a",
            "//public",
            "/public/a;x=1",
            "/public;x",
            "/public/a\\b",
            "/public/%2e%2e/a",
            "/public/%2E",
            "/public/%2fa",
            "/public/%5Ca",
            "/public/%70rivate",
            "/public/%00",
            "/public/%7f",
            "/public/%0a",
            "/public/%25",
            "/public/%3f",
            "/public/%3b",
            "/public/%",
            "/public/%2",
            "/public/%zz",
            "/public/%+1",
            "/public/a.",
            "/public./a",
            "/public/a%20",
            "/public/%20a",
            "/public/..%20/a",
            "/public/..%c2%a0/a",
            "/public/%c0%ae%c0%ae/a",
            "/public/%c0%af",
            "/public/%e0%80%af",
            "/public/%ff",
            "/public/%ef%bc%8f",
            "/public/%e2%84%aa",
            "/public/%c2%85",
            "/public/a b",
            "/public/\u{e9}",
            "",
            "public",
        ] {
            assert_eq!(routes().policy(path), Policy::Session, "{path}");
        }
    }

    #[test]
    fn case_never_makes_a_path_laxer() {
        assert_eq!(routes().policy("/public/PRIVATE"), Policy::Session);
        assert_eq!(routes().policy("/PUBLIC"), Policy::Session);
    }

    #[test]
    fn of_two_routes_of_one_path_the_stricter_holds() {
        let route = |path: &str, policy| Route { path: path.into(), policy };
        let mut table = vec![route("/a", Policy::Public), route("/a/", Policy::Session)];
        assert_eq!(Routes::new(&table).policy("/a"), Policy::Session);
        table = vec![route("/b", Policy::Public), route("/B", Policy::Session)];
        assert_eq!(Routes::new(&table).policy("/b"), Policy::Session);
    }
    #[test]
    fn encoding_and_case_never_make_a_path_laxer() {
        let route = |path: &str, policy| Route { path: path.into(), policy };
        let table = Routes::new(&[
            route("/", Policy::Public),
            route("/(admin)", Policy::Session),
            route("/wp%3aadmin", Policy::Session),
            route("/caf%c3%a9", Policy::Session),
            route("/%E2%B1%A5%E2%B1%A5", Policy::Public),
            // Shorter than the route above as it is written here, longer in lower case.
            route("/%C8%BA%C8%BA/a", Policy::Session),
        ]);
        for path in ["/(admin)", "/%28admin%29/a", "/(ADMIN%29", "/wp:admin", "/WP%3Aadmin", "/caf%C3%A9", "/CAF%C3%89"]
        {
            assert_eq!(table.policy(path), Policy::Session, "{path}");
        }
        assert_eq!(table.policy("/%E2%B1%A5%E2%B1%A5/b"), Policy::Public);
        assert_eq!(table.policy("/%E2%B1%A5%E2%B1%A5/a"), Policy::Session);
        assert_eq!(table.policy("/(a%29"), Policy::Public);
    }
}
