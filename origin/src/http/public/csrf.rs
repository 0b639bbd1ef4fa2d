//! Keeping other sites from using somebody's session (cross-site request forgery).
//!
//! A browser adds our cookies to requests that other sites make it send, where the cookies' `SameSite` does not keep it
//! from doing so. Whether a page of this very site has asked tells the browser; and where it says nothing, the token,
//! which no other site can read. A bearer token is added by no browser, so such requests need none of this.

use axum::http::{HeaderMap, StatusCode};
use sealgate_shared::id::SessionId;

use super::same_origin;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::PublicRequest;

/// The header in which scripts send the token; in forms it is the field [`FIELD`].
const HEADER: &str = "x-csrf-token";
/// The field of a form with the token.
pub(super) const FIELD: &str = "csrf_token";

/// What speaks for a request that no other site has caused.
#[derive(Debug, PartialEq, Eq)]
enum Word<'r> {
    /// The browser's.
    Browser,
    /// The token's, should it be the session's.
    Token(Option<&'r str>),
}

/// Refuses a request that changes something and was authenticated by cookies, unless it comes from this very site. `field`
/// is the token of the form, if there was a form.
pub(super) async fn require(
    app: &AppState,
    request: &PublicRequest,
    headers: &HeaderMap,
    field: Option<&str>,
    session: SessionId,
) -> Result<(), Problem> {
    require_any(app, request, headers, field, &[session]).await.map(drop)
}

/// As [`require`], for a request that shows several sessions, or none: those that it may do something with.
pub(super) async fn require_any(
    app: &AppState,
    request: &PublicRequest,
    headers: &HeaderMap,
    field: Option<&str>,
    sessions: &[SessionId],
) -> Result<Vec<SessionId>, Problem> {
    if request.bearer.is_some() {
        return Ok(sessions.to_vec());
    }
    let token = match weigh(headers, request, field)? {
        Word::Browser => return Ok(sessions.to_vec()),
        Word::Token(token) => token.unwrap_or_default(),
    };
    let mut proven = Vec::new();
    for &session in sessions {
        if app.office.proves_csrf(&request.tenant, session, token).await? {
            proven.push(session);
        }
    }
    // Without a session there is nothing to protect.
    if proven.is_empty() && !sessions.is_empty() { Err(no_token()) } else { Ok(proven) }
}

fn weigh<'r>(headers: &'r HeaderMap, request: &PublicRequest, field: Option<&'r str>) -> Result<Word<'r>, Problem> {
    let is_here = |origin: &str| origin.split_once("://") == request.scheme.as_deref().zip(request.host.as_deref());
    if same_origin::is_vouched_for(headers, is_here)? {
        return Ok(Word::Browser);
    }
    let header = headers.get(HEADER).map(|value| value.to_str().unwrap_or("(not text)"));
    Ok(Word::Token(header.or(field)))
}

fn no_token() -> Problem {
    let detail = "The request needs the session's CSRF token, in X-CSRF-Token or the field csrf_token.";
    Problem::new(StatusCode::FORBIDDEN, "csrf_token", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(scheme: Option<&str>, host: Option<&str>) -> PublicRequest {
        PublicRequest {
            tenant: "demo".parse().unwrap(),
            host: host.map(str::to_owned),
            scheme: scheme.map(str::to_owned),
            cookies: String::new(),
            bearer: None,
            user_agent: None,
            client: None,
        }
    }

    #[test]
    fn the_browser_has_the_first_word_and_the_token_the_last() {
        let request_here = request(Some("https"), Some("demo.example"));
        let token = || Some(Word::Token(Some("header")));
        for (site, origin, word) in [
            (None, None, token()),
            (Some("same-origin"), None, Some(Word::Browser)),
            (Some("none"), None, Some(Word::Browser)),
            (Some("same-origin"), Some("https://evil.example"), Some(Word::Browser)),
            (Some("same-site"), None, None),
            (Some("cross-site"), Some("https://demo.example"), None),
            (Some("anything"), None, None),
            (Some(""), None, None),
            (None, Some("https://demo.example"), Some(Word::Browser)),
            (None, Some("http://demo.example"), None),
            (None, Some("https://demo.example:8443"), None),
            (None, Some("https://demo.example.evil.example"), None),
            (None, Some("null"), None),
            (None, Some(""), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, "header".parse().unwrap());
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(weigh(&headers, &request_here, Some("field")).ok(), word, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn the_field_stands_in_for_the_header_and_nothing_for_the_edges_word() {
        let here = request(Some("https"), Some("demo.example"));
        let nothing = HeaderMap::new();
        assert_eq!(weigh(&nothing, &here, Some("field")).ok(), Some(Word::Token(Some("field"))));
        assert_eq!(weigh(&nothing, &here, None).ok(), Some(Word::Token(None)));
        let mut headers = HeaderMap::new();
        headers.insert("origin", "https://demo.example".parse().unwrap());
        for (scheme, host) in [(None, Some("demo.example")), (Some("https"), None), (None, None)] {
            assert!(weigh(&headers, &request(scheme, host), None).is_err(), "{scheme:?} {host:?}");
        }
    }
}
