//! Where a request goes on to, and with which headers.

use core::fmt;

use sealgate_shared::cookie::{self, CookieName, only_ours, values_of, without_ours};
use sealgate_shared::report::Forwarded;
use sealgate_shared::token::Live;

use crate::errand::CREDENTIAL_HEADER;
use crate::request::{Incoming, Target};
use crate::settings::{Settings, Tenant};

/// A request on its way: every header of ours that it came with is gone, and so is its `Cookie` header;
/// these are put in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Who receives it, and for whom: no shared cache may be read or filled for a session.
    pub to: Forwarded,
    /// The absolute URL.
    pub url: String,
    /// Headers to set.
    pub headers: Vec<(&'static str, String)>,
    /// A `Set-Cookie` line for the answer.
    pub set_cookie: Option<String>,
}

impl Forward {
    /// To the application, without a session.
    pub fn public(incoming: &Incoming<'_>, target: &Target<'_>, tenant: &Tenant, settings: &Settings) -> Self {
        let mut headers = vec![
            ("x-forwarded-host", target.host.to_owned()),
            ("x-forwarded-proto", target.scheme.to_owned()),
            ("x-sealgate-tenant", tenant.id.to_string()),
        ];
        push_cookie(&mut headers, without_ours(incoming.cookie, settings.names));
        let url = match &tenant.upstream {
            Some(upstream) => format!("{upstream}{}", target.path_and_query),
            None => incoming.url.to_owned(),
        };
        Self { to: Forwarded::Public, url, headers, set_cookie: None }
    }

    /// To the application, with the identity of a live session.
    pub fn session(
        live: &Live,
        incoming: &Incoming<'_>,
        target: &Target<'_>,
        tenant: &Tenant,
        settings: &Settings,
    ) -> Self {
        let claims = live.claims();
        let mut forward = Self::public(incoming, target, tenant, settings);
        forward.to = Forwarded::Session;
        forward.headers.extend([
            ("x-sealgate-session", claims.session.to_string()),
            ("x-sealgate-actor-type", claims.actor_type.to_string()),
            ("x-sealgate-actor-id", claims.actor_id.to_string()),
            ("x-sealgate-assurance", claims.assurance.to_string()),
            ("x-sealgate-authenticated-at", claims.authenticated_at.as_secs().to_string()),
            ("x-sealgate-expires-at", claims.expires_at.as_secs().to_string()),
        ]);
        forward.headers.extend(live.age_ms().map(|age_ms| ("x-sealgate-revocation-age-ms", age_ms.to_string())));
        // Whoever is recognised is not going round: the next detour is the first again.
        let was_sent_away = values_of(incoming.cookie, settings.names, CookieName::Detour).next().is_some();
        forward.set_cookie = was_sent_away.then(|| cookie::clear(settings.names, CookieName::Detour));
        if !claims.roles.is_empty() {
            forward.headers.push(("x-sealgate-roles", claims.roles.to_string()));
        }
        forward
    }

    /// To the origin, which is told who asks it and on whose behalf, and sees no cookies but ours.
    pub fn origin(incoming: &Incoming<'_>, target: &Target<'_>, tenant: &Tenant, settings: &Settings) -> Self {
        let mut headers = vec![
            (CREDENTIAL_HEADER, settings.secret.credential(&settings.edge)),
            ("x-sealgate-tenant", tenant.id.to_string()),
            ("x-sealgate-host", target.host.to_owned()),
            ("x-sealgate-proto", target.scheme.to_owned()),
        ];
        push_cookie(&mut headers, only_ours(incoming.cookie, settings.names));
        let url = format!("{}{}", settings.origin_public, target.path_and_query);
        Self { to: Forwarded::Origin, url, headers, set_cookie: None }
    }
}

fn push_cookie(headers: &mut Vec<(&'static str, String)>, cookie: String) {
    if !cookie.is_empty() {
        headers.push(("cookie", cookie));
    }
}

/// The URL, then a line for each header, at last the line for the answer.
impl fmt::Display for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)?;
        for (name, value) in &self.headers {
            write!(f, "\n{name}: {value}")?;
        }
        if let Some(line) = &self.set_cookie {
            write!(f, "\nset-cookie: {line}")?;
        }
        Ok(())
    }
}
