//! What the door looks at in a request.

use sealgate_shared::time::UnixMillis;

/// A request, as far as the hot path reads it. Reading headers costs more than checking a cookie, so the
/// rest is fetched when a refusal needs it ([`Browsing`]).
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'r> {
    /// The absolute URL. Cloudflare has removed dot segments from it; workerd alone gives it as it was sent.
    pub url: &'r str,
    /// The method, in capitals.
    pub method: &'r str,
    /// The `Cookie` header; empty when there is none.
    pub cookie: &'r str,
    /// The edge's own clock.
    pub now: UnixMillis,
}

impl Incoming<'_> {
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

    #[test]
    fn fetch_metadata_decides_before_accept() {
        let navigation = |accept, fetch_mode| Browsing { accept, fetch_mode }.is_navigation();
        assert!(navigation("text/html,*/*", "navigate"));
        assert!(navigation("text/html,*/*", ""));
        assert!(!navigation("text/html,*/*", "cors"));
        assert!(!navigation("application/json", ""));
    }
}
