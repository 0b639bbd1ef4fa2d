//! What a browser is told when its session has ended on its own wish.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use sealgate_shared::cookie::{self, CookieName};

use crate::app::AppParts;
use crate::http::extract::PublicRequest;

/// The cookies that belong to a session, or to a sign-in that may be under way.
const CLEARED: [CookieName; 4] = [CookieName::Access, CookieName::Refresh, CookieName::Csrf, CookieName::Login];
/// Everything that a site can have stored, but for what is running: that would reload the page (W3C Clear Site Data §3.1).
const SITE_DATA: HeaderValue = HeaderValue::from_static("\"cache\", \"cookies\", \"storage\"");

/// The headers that clear our cookies, and what else the site has stored if the operator wishes. None for native clients,
/// which hold none of it.
pub(super) fn clear(app: &AppParts, request: &PublicRequest) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if request.bearer.is_some() {
        return headers;
    }
    for name in CLEARED {
        let line = cookie::clear(app.office.cookies(), name);
        headers.append(header::SET_COOKIE, line.try_into().expect("our lines consist of header characters"));
    }
    if app.clear_site_data {
        headers.insert(HeaderName::from_static("clear-site-data"), SITE_DATA);
    }
    headers
}
