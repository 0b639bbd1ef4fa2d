//! Which policy a path has.

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
    /// Makes the table.
    pub fn new(routes: &[Route]) -> Self {
        let mut exact: Vec<Route> = routes.iter().map(|route| route.with_path(trim_slash(&route.path))).collect();
        exact.sort_by_key(|route| core::cmp::Reverse(route.path.len()));
        let lower_case = exact.iter().map(|route| route.with_path(&route.path.to_ascii_lowercase())).collect();
        Self { exact, lower_case }
    }

    /// The policy of a path.
    ///
    /// What the application makes of a path is its own affair: it may decode `%70`, fold `//`, ignore case.
    /// So a path that can be read in two ways gets the strictest policy of the table, and one that differs
    /// from a route in case alone gets the stricter of the two readings.
    pub fn policy(&self, path: &str) -> Policy {
        if !is_canonical(path) {
            return self.strictest();
        }
        let exact = look_up(&self.exact, path);
        if exact != Policy::Public {
            return exact;
        }
        exact.max(look_up(&self.lower_case, &path.to_ascii_lowercase()))
    }

    fn strictest(&self) -> Policy {
        self.exact.iter().map(|route| route.policy).max().unwrap_or(Policy::Session).max(Policy::Session)
    }
}

impl Route {
    fn with_path(&self, path: &str) -> Self {
        Self { path: path.to_owned(), policy: self.policy }
    }
}

fn look_up(routes: &[Route], path: &str) -> Policy {
    let covers = |route: &&Route| path.strip_prefix(&route.path).is_some_and(|r| r.is_empty() || r.starts_with('/'));
    routes.iter().find(covers).map_or(Policy::Session, |route| route.policy)
}

fn trim_slash(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// Whether every reader makes the same of the path: no empty or dot segments, parameters, backslashes or
/// controls, and nothing percent-encoded that stands for itself or for a separator (RFC 3986 §6.2.2).
fn is_canonical(path: &str) -> bool {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b';'));
    let segments = path.strip_prefix('/').is_some_and(|rest| {
        let mut segments = rest.split('/').peekable();
        core::iter::from_fn(|| segments.next().map(|segment| (segment, segments.peek().is_none())))
            .all(|(segment, last)| !matches!(segment, "." | "..") && (last || !segment.is_empty()))
    });
    plain && segments && path.split('%').skip(1).all(encodes_data)
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
}
