//! What the door looks at in a request.

use sealgate_shared::time::UnixMillis;

/// A request, as far as a decision needs it. Reading headers costs more than checking a cookie, so most are not read at
/// all, and some only when a refusal needs them ([`Browsing`]).
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'r> {
    /// The absolute URL. Cloudflare has removed dot segments from it; workerd alone gives it as it was sent.
    pub url: &'r str,
    /// The method, in capitals.
    pub method: &'r str,
    /// The `Cookie` header; empty when there is none.
    pub cookie: &'r str,
    /// What few requests have, a line `name: value` for each header: `authorization` and `upgrade` always, and what tells
    /// where it comes from of a request that changes something. Empty for most.
    pub headers: &'r str,
    /// The edge's own clock.
    pub now: UnixMillis,
}

impl<'r> Incoming<'r> {
    /// One of the headers above; `None` when the request has none, or none that was told of.
    pub fn header(&self, name: &str) -> Option<&'r str> {
        let mut lines = self.headers.split('\n').filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The token of ours in `Authorization: Bearer` (RFC 6750 §2.1), if it is meant to be one. Such a request is decided on it
    /// alone, also when it is no good. What else is in that header is the application's affair.
    pub fn bearer(&self) -> Option<&'r str> {
        // Several such headers reach us joined by commas: ours is never passed on, wherever it stands.
        self.header("authorization")?.split(',').find_map(|credentials| {
            let (scheme, token) = credentials.trim().split_once([' ', '\t'])?;
            let token = token.trim();
            let is_ours = ["v1.", "r1."].iter().any(|version| token.starts_with(version));
            (is_ours && scheme.eq_ignore_ascii_case("bearer")).then_some(token)
        })
    }

    /// Whether it asks for a `WebSocket` (RFC 6455 §4.1), which browsers open across sites with cookies and without asking.
    pub fn is_upgrade(&self) -> bool {
        self.header("upgrade").is_some_and(|protocols| protocols.to_ascii_lowercase().contains("websocket"))
    }

    /// Whether the method changes nothing (RFC 9110 §9.2.1).
    pub fn is_safe(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }
}

/// What tells a person who is navigating from a script.
#[derive(Clone, Copy, Debug)]
pub struct Browsing<'r> {
    /// The `Accept` header.
    pub accept: &'r str,
    /// The `Sec-Fetch-Mode` header (W3C Fetch Metadata).
    pub fetch_mode: &'r str,
}

impl Browsing<'_> {
    /// Whether the browser is loading a page for somebody to look at.
    pub fn is_navigation(&self) -> bool {
        match self.fetch_mode {
            "" => self.accept.contains("text/html"),
            mode => mode == "navigate",
        }
    }
}

/// The parts of an absolute `http` or `https` URL that decisions are made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'r> {
    /// `http` or `https`.
    pub scheme: &'r str,
    /// Host, with the port where it is not the scheme's own.
    pub host: &'r str,
    /// Path, query left out.
    pub path: &'r str,
    /// Path and query.
    pub path_and_query: &'r str,
}

impl<'r> Target<'r> {
    /// Splits a URL; `None` when it is not of that form.
    pub fn parse(url: &'r str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, path_and_query) = rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len()))?;
        let path_and_query = path_and_query.split('#').next().unwrap_or_default();
        let path = path_and_query.split('?').next().unwrap_or_default();
        // User info is no part of the host, and no runtime should pass it on.
        let valid = matches!(scheme, "http" | "https") && !authority.contains('@') && path.starts_with('/');
        valid.then_some(Self { scheme, host: authority, path, path_and_query })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_apart() {
        let target = Target::parse("https://app.example:8443/a/b?c=/d#e").unwrap();
        assert_eq!(target.scheme, "https");
        assert_eq!(target.host, "app.example:8443");
        assert_eq!(target.path, "/a/b");
        assert_eq!(target.path_and_query, "/a/b?c=/d");
    }

    #[test]
    fn other_urls_are_no_target() {
        for url in ["", "/a", "ftp://h/", "http://h", "http://h?x=/", "http://u@h/", "http:/h/"] {
            assert_eq!(Target::parse(url), None, "{url}");
        }
    }

    fn with(headers: &str) -> Incoming<'_> {
        Incoming { url: "", method: "GET", cookie: "", headers, now: UnixMillis::EPOCH }
    }

    #[test]
    fn headers_are_told_apart() {
        let request = with("upgrade: h2c\norigin: https://a: b\nx-csrf-token: ");
        assert_eq!(request.header("origin"), Some("https://a: b"));
        assert_eq!((request.header("x-csrf-token"), request.header("csrf-token")), (Some(""), None));
        assert_eq!(with("").header(""), None);
    }

    #[test]
    fn a_bearer_token_of_ours_is_told_from_those_of_others() {
        let bearer = |value: &str| with(&format!("authorization: {value}")).bearer().map(str::to_owned);
        for (value, token) in [
            ("Bearer v1.a.b.c", "v1.a.b.c"),
            ("bEARER  v1.a.b.c ", "v1.a.b.c"),
            ("Bearer\tr1.a", "r1.a"),
            ("Bearer v1.a, Basic eA==", "v1.a"),
            ("Basic eA==, Bearer v1.a", "v1.a"),
            ("Bearer v1.", "v1."),
        ] {
            assert_eq!(bearer(value).as_deref(), Some(token), "{value}");
        }
        for value in
            ["", "Bearer", "Bearer ", "Bearer eyJ", "Bearer v2.a", "Basic v1.a", "v1.a", "Bearerv1.a", "Bearer xv1.a"]
        {
            assert_eq!(bearer(value), None, "{value}");
        }
        assert_eq!(with("upgrade: Bearer v1.a").bearer(), None);
    }

    #[test]
    fn only_websockets_are_upgrades() {
        for (upgrade, expected) in [("websocket", true), ("WebSocket", true), ("h2c, websocket", true), ("h2c", false)]
        {
            assert_eq!(with(&format!("upgrade: {upgrade}")).is_upgrade(), expected, "{upgrade}");
        }
        assert!(!with("").is_upgrade());
    }

    #[test]
    fn fetch_metadata_decides_before_accept() {
        let navigation = |accept, fetch_mode| Browsing { accept, fetch_mode }.is_navigation();
        assert!(navigation("text/html,*/*", "navigate"));
        assert!(navigation("text/html,*/*", ""));
        assert!(!navigation("text/html,*/*", "cors"));
        assert!(!navigation("application/json", ""));
    }
}
