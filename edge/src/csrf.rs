//! Whether a request that changes something comes from a page of this site: a browser sends cookies along whoever makes
//! it ask.

use sealgate_shared::claims::Claims;
use sealgate_shared::keyring::Keyring;

use crate::refusal::Refusal;
use crate::request::{Incoming, Target};
use crate::routes::{Csrf, Rule};

/// Checks a request that is decided on cookies. What the browser says of it decides (`Sec-Fetch-Site` of W3C Fetch Metadata,
/// else `Origin` of RFC 6454 §7), since a script can write neither; where it says nothing, or the route wants it always,
/// the session's CSRF token. A request of which nothing was told is one of which the browser said nothing.
pub(crate) fn check(
    incoming: &Incoming<'_>,
    target: &Target<'_>,
    rule: Rule,
    claims: &Claims,
    ring: Option<&Keyring>,
) -> Result<(), Refusal> {
    if incoming.is_safe() && !incoming.is_upgrade() {
        return Ok(());
    }
    let is_ours = match (incoming.header("sec-fetch-site"), incoming.header("origin")) {
        (Some(site), _) => Some(matches!(site, "same-origin" | "none")),
        (None, Some(origin)) => Some(is_origin_of(origin, target)),
        (None, None) => None,
    };
    match is_ours {
        Some(false) => Err(Refusal::CrossSite),
        Some(true) if rule.csrf == Csrf::Headers => Ok(()),
        Some(true) | None => {
            let token = incoming.header("x-csrf-token").unwrap_or_default();
            let proves = |ring: &Keyring| ring.proves_csrf(&claims.tenant, claims.session, token);
            if ring.is_some_and(proves) { Ok(()) } else { Err(Refusal::CsrfToken) }
        }
    }
}

/// RFC 6454 §6.2: scheme, host, and the port where it is not the scheme's own.
fn is_origin_of(origin: &str, target: &Target<'_>) -> bool {
    origin.strip_prefix(target.scheme).and_then(|rest| rest.strip_prefix("://")) == Some(target.host)
}
