//! Keeping other sites from signing somebody in or out: these requests carry no session to protect them.

use axum::http::{HeaderMap, StatusCode, header};

use crate::http::Problem;

/// Refuses a request that another site's page made the browser send. Where the browser says nothing
/// (`curl`), nobody's browser is being used.
pub(super) fn require(headers: &HeaderMap, host: Option<&str>) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("(not text)"));
    let same = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, authority)| authority) == host,
        (None, None) => true,
    };
    if same {
        return Ok(());
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
