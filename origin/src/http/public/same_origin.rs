//! Keeping other sites from making a browser ask. Where a request carries no session, to sign somebody in, the browser's word
//! is all there is.

use axum::http::{HeaderMap, StatusCode, header};

use crate::http::Problem;

/// Refuses a request that another site's page made the browser send. Where the browser says nothing
/// (`curl`), nobody's browser is being used.
pub(super) fn require(headers: &HeaderMap, host: Option<&str>) -> Result<(), Problem> {
    let is_here = |origin: &str| origin.split_once("://").map(|(_, authority)| authority) == host;
    is_vouched_for(headers, is_here).map(drop)
}

/// Whether the browser says that a page of this very site asks; `false` where it says nothing at all. A request that it says
/// comes from elsewhere is refused. `is_here` judges an `Origin` (RFC 6454 §7).
pub(super) fn is_vouched_for(headers: &HeaderMap, is_here: impl FnOnce(&str) -> bool) -> Result<bool, Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("(not text)"));
    let same = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => is_here(origin),
        (None, None) => return Ok(false),
    };
    if same {
        return Ok(true);
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "cross_site", "The request comes from another site."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_same_origin_may_ask() {
        for (site, origin, allowed) in [
            (None, None, true),
            (Some("same-origin"), None, true),
            (Some("none"), None, true),
            (Some("same-site"), None, false),
            (Some("cross-site"), Some("https://demo.example"), false),
            (Some("anything"), None, false),
            (None, Some("https://demo.example"), true),
            (None, Some("http://demo.example"), true),
            (None, Some("https://demo.example.evil.example"), false),
            (None, Some("https://evil.example"), false),
            (None, Some("null"), false),
            (None, Some(""), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().unwrap());
            }
            assert_eq!(require(&headers, Some("demo.example")).is_ok(), allowed, "{site:?} {origin:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("origin", "https://demo.example".parse().unwrap());
        assert!(require(&headers, None).is_err(), "nothing to compare with");
    }
}
