//! Where a request goes on to, and with which headers.

use core::fmt::{self, Display, Write as _};

use sealgate_shared::cookie::{self, CookieName, only_ours, values_of, without_ours};
use sealgate_shared::report::Forwarded;
use sealgate_shared::token::Live;

use crate::errand::{CLIENT_SOURCE_HEADER, CREDENTIAL_HEADER};
use crate::request::{Incoming, Target};
use crate::settings::{Settings, Tenant};

/// Room for the URL and the headers of most requests.
const ROOM: usize = 1_024;

/// A request on its way: every header of ours that it came with is gone, and so is its `Cookie` header;
/// these are put in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Who receives it, and for whom: no shared cache may be read or filled for a session.
    pub to: Forwarded,
    /// The absolute URL, then a line for each header: written once, as it goes to the entry module.
    text: String,
    /// A `Set-Cookie` line for the answer.
    pub set_cookie: Option<String>,
}

impl Forward {
    fn new(to: Forwarded, url: [&str; 2]) -> Self {
        let mut text = String::with_capacity(ROOM);
        for part in url {
            text.push_str(part);
        }
        Self { to, text, set_cookie: None }
    }

    /// To the application, without a session.
    pub fn public(incoming: &Incoming<'_>, target: &Target<'_>, tenant: &Tenant, settings: &Settings) -> Self {
        let url = match &tenant.upstream {
            Some(upstream) => [upstream, target.path_and_query],
            None => [incoming.url, ""],
        };
        let mut forward = Self::new(Forwarded::Public, url);
        forward.set("x-forwarded-host", target.host);
        forward.set("x-forwarded-proto", target.scheme);
        forward.set("x-sealgate-tenant", tenant.id.as_str());
        forward.set_cookies(&without_ours(incoming.cookie, settings.names));
        if incoming.bearer().is_some() {
            // The application must not have it, be the path public or not. Without a value a header is taken away.
            forward.set("authorization", "");
        }
        forward
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
        forward.write("x-sealgate-session", claims.session);
        forward.set("x-sealgate-actor-type", claims.actor_type.as_str());
        forward.set("x-sealgate-actor-id", claims.actor_id.as_str());
        forward.write("x-sealgate-assurance", claims.assurance);
        forward.write("x-sealgate-authenticated-at", claims.authenticated_at.as_secs());
        forward.write("x-sealgate-expires-at", claims.expires_at.as_secs());
        if let Some(age_ms) = live.age_ms() {
            forward.write("x-sealgate-revocation-age-ms", age_ms);
        }
        // Whoever is recognised is not going round: the next detour is the first again.
        let was_sent_away = values_of(incoming.cookie, settings.names, CookieName::Detour).next().is_some();
        forward.set_cookie = was_sent_away.then(|| cookie::clear(settings.names, CookieName::Detour));
        if !claims.roles.is_empty() {
            forward.write("x-sealgate-roles", &claims.roles);
        }
        forward
    }

    /// To the origin, which is told who asks it and on whose behalf, and sees no cookies but ours: none at all beside a
    /// bearer token, which decides alone.
    pub fn origin(incoming: &Incoming<'_>, target: &Target<'_>, tenant: &Tenant, settings: &Settings) -> Self {
        let mut forward = Self::new(Forwarded::Origin, [&settings.origin_public, target.path_and_query]);
        forward.set(CREDENTIAL_HEADER, &settings.secret.credential(&settings.edge));
        forward.set("x-sealgate-tenant", tenant.id.as_str());
        forward.set("x-sealgate-host", target.host);
        forward.set("x-sealgate-proto", target.scheme);
        if let Some(header) = settings.client_address.header() {
            // What the header says is added by the entry module, which has the request.
            forward.set(CLIENT_SOURCE_HEADER, header);
        }
        if incoming.bearer().is_none() {
            forward.set_cookies(&only_ours(incoming.cookie, settings.names));
        }
        forward
    }

    /// The absolute URL.
    pub fn url(&self) -> &str {
        self.text.split('\n').next().unwrap_or_default()
    }

    /// The header of that name, as it will be set.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.text.split('\n').skip(1).filter_map(|line| line.split_once(": "));
        headers.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Sets a header, or takes it away if the value is empty. No value has a line break: each comes from a type that allows none, or from a header.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        for part in ["\n", name, ": ", value] {
            self.text.push_str(part);
        }
    }

    fn write(&mut self, name: &'static str, value: impl Display) {
        self.set(name, "");
        // Writing to memory does not fail.
        _ = write!(self.text, "{value}");
    }

    fn set_cookies(&mut self, cookies: &str) {
        if !cookies.is_empty() {
            self.set("cookie", cookies);
        }
    }
}

/// The URL, then a line for each header, at last the line for the answer.
impl Display for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match &self.set_cookie {
            Some(line) => write!(f, "\nset-cookie: {line}"),
            None => Ok(()),
        }
    }
}
