//! The edge's configuration: one JSON document, the edge's secret, and those of the applications.

mod document;

use std::collections::HashMap;

use sealgate_shared::cookie::CookieNames;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::secret::Secret32;

pub use document::{ClientAddress, FeedCache};
use document::{Document, TenantDocument};

use crate::assertion::Asserter;
use crate::request::Target;
use crate::routes::{Route, Routes, is_canonical};

/// What the edge was told, checked.
#[derive(Debug)]
pub struct Settings {
    /// Which edge this is.
    pub edge: EdgeId,
    /// What it shares with the origin.
    pub secret: EdgeSecret,
    /// Where the origin answers `/auth`: scheme, host and port.
    pub origin_public: String,
    /// Where the origin answers `/internal`.
    pub origin_private: String,
    /// For how long, in milliseconds, the answer that a session is live may be used again on routes that `ask`.
    pub check_cache_ms: u64,
    /// Which cache may answer for the origin with the feed's head.
    pub feed_cache: FeedCache,
    /// For how long, in milliseconds, after it was asked for a set decides on routes that are `open` when the origin
    /// cannot be reached.
    pub open_for_ms: u64,
    /// What our cookies are called.
    pub names: CookieNames,
    /// Which header of a request tells whom it comes from.
    pub client_address: ClientAddress,
    feed_path: String,
    tenants: Vec<Tenant>,
    hosts: HashMap<String, usize>,
}

/// One tenant of the edge.
#[derive(Debug)]
pub struct Tenant {
    /// Which.
    pub id: TenantId,
    /// Where its application answers: scheme, host and port. `None` is the host of the request, which on
    /// Cloudflare is the server behind the zone.
    pub upstream: Option<String>,
    /// The path people are sent to for signing in.
    pub sign_in: String,
    /// The policies of its paths.
    pub routes: Routes,
    /// What signs the assertions that its application checks.
    pub asserter: Option<Asserter>,
}

/// Why the edge cannot work with its configuration. Never shows the secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The variable is not the JSON that is expected.
    #[error("SEALGATE cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// The secret is absent or not 32 bytes of base64url.
    #[error("SEALGATE_EDGE_SECRET must be 43 characters of base64url, as `sealgate edges create` prints it")]
    Secret,
    /// The secrets of the applications are not the JSON that is expected.
    #[error(
        "SEALGATE_UPSTREAM_SECRETS must be a JSON object of tenants and 32 bytes in base64url each (43 characters)"
    )]
    UpstreamSecrets,
    /// A value makes no sense; carries which and why.
    #[error("SEALGATE: {0}")]
    Value(String),
}

impl Settings {
    /// Reads the JSON document, the edge's secret, and the JSON object with a secret for each tenant's application (empty
    /// for none).
    pub fn parse(json: &str, secret: &str, upstream_secrets: &str) -> Result<Self, SettingsError> {
        let document: Document = serde_json::from_str(json)?;
        let secret = Secret32::from_base64url(secret).map(EdgeSecret::new).ok_or(SettingsError::Secret)?;
        let mut upstream_secrets = parse_upstream_secrets(upstream_secrets)?;
        let hosts = bind_hosts(&document.tenants)?;
        let mut tenant = |document: TenantDocument| {
            let asserter = make_asserter(&document, upstream_secrets.remove(&document.id))?;
            Tenant::new(document, asserter)
        };
        let settings = Self {
            feed_path: format!("/internal/feed/{}/{}", document.edge, secret.seal_id()),
            edge: document.edge,
            secret,
            origin_public: server("origin_public", &document.origin_public)?,
            origin_private: server("origin_private", &document.origin_private)?,
            check_cache_ms: document.check_cache_ms,
            feed_cache: document.feed_cache,
            open_for_ms: document.open_for_ms,
            names: choose_names(document.dev_cookies, &hosts)?,
            client_address: document.client_address,
            tenants: document.tenants.into_iter().map(&mut tenant).collect::<Result<_, _>>()?,
            hosts,
        };
        match upstream_secrets.keys().next() {
            None => Ok(settings),
            Some(stranger) => Err(SettingsError::Value(format!(
                "SEALGATE_UPSTREAM_SECRETS names {stranger}, which is no tenant here"
            ))),
        }
    }

    /// The path of the feed at the origin. It names the edge and its secret, since a cache hands what is sealed to one to
    /// whoever asks under the same address.
    pub fn feed_path(&self) -> &str {
        &self.feed_path
    }

    /// The tenant that a host name (with its port) belongs to.
    pub fn tenant(&self, host: &str) -> Option<&Tenant> {
        self.tenants.get(*self.hosts.get(host)?)
    }
}

impl Tenant {
    fn new(document: TenantDocument, asserter: Option<Asserter>) -> Result<Self, SettingsError> {
        let paths = document.routes.iter().map(|route| &route.path).chain([&document.sign_in]);
        for path in paths {
            if !path.starts_with('/') || path.starts_with("//") {
                return Err(SettingsError::Value(format!("{path:?} is not a path: it must begin with one '/'")));
            }
        }
        // Such a route would match nothing, and what it was to protect would be as open as what is around it.
        if let Some(Route { path, .. }) = document.routes.iter().find(|route| !is_canonical(&route.path)) {
            let expected = "in a URL it is written otherwise, say with %20 for a blank, or may be read in two ways";
            return Err(SettingsError::Value(format!("the route {path:?} would match no request: {expected}")));
        }
        for route in &document.routes {
            route.check().map_err(|mistake| SettingsError::Value(format!("the route {:?} {mistake}", route.path)))?;
        }
        Ok(Self {
            asserter,
            id: document.id,
            upstream: document.upstream.map(|upstream| server("upstream", &upstream)).transpose()?,
            sign_in: document.sign_in,
            routes: Routes::new(&document.routes),
        })
    }
}

fn bind_hosts(tenants: &[TenantDocument]) -> Result<HashMap<String, usize>, SettingsError> {
    let mut hosts = HashMap::new();
    for (position, tenant) in tenants.iter().enumerate() {
        if tenant.hosts.is_empty() {
            return Err(SettingsError::Value(format!("tenant {} has no hosts", tenant.id)));
        }
        for host in &tenant.hosts {
            if hosts.insert(host.to_ascii_lowercase(), position).is_some() {
                return Err(SettingsError::Value(format!("host {host:?} is named twice")));
            }
        }
    }
    if hosts.is_empty() { Err(SettingsError::Value("tenants is empty".to_owned())) } else { Ok(hosts) }
}

/// Cookie names without `__Host-` protect nobody, so they are for this machine alone.
fn choose_names(dev_cookies: bool, hosts: &HashMap<String, usize>) -> Result<CookieNames, SettingsError> {
    match hosts.keys().find(|host| !is_local(host)) {
        _ if !dev_cookies => Ok(CookieNames::Host),
        None => Ok(CookieNames::Dev),
        Some(host) => Err(SettingsError::Value(format!("dev_cookies is for localhost only, not for {host:?}"))),
    }
}

fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    name == "localhost" || name == "127.0.0.1" || name.ends_with(".localhost")
}

/// Without an assertion an application believes whoever reaches it. So going without is to be said, but on this machine.
fn make_asserter(document: &TenantDocument, secret: Option<String>) -> Result<Option<Asserter>, SettingsError> {
    let id = &document.id;
    let is_wanted = document.assertion.unwrap_or_else(|| !document.hosts.iter().all(|host| is_local(host)));
    let value = |text: String| Err(SettingsError::Value(text));
    match secret {
        Some(_) if document.assertion == Some(false) => {
            value(format!("tenant {id} has a secret in SEALGATE_UPSTREAM_SECRETS, but its assertion is false"))
        }
        Some(secret) => {
            let secret = Secret32::from_base64url(&secret).ok_or(SettingsError::UpstreamSecrets)?;
            let audience = document.audience.as_deref().unwrap_or(id.as_str());
            Ok(Some(Asserter::new(&secret, audience)))
        }
        None if is_wanted => value(format!(
            "tenant {id} has no secret in SEALGATE_UPSTREAM_SECRETS: its application could not tell who asks it; \
             `assertion = false` goes without"
        )),
        None => Ok(None),
    }
}

fn parse_upstream_secrets(json: &str) -> Result<HashMap<TenantId, String>, SettingsError> {
    match json {
        "" => Ok(HashMap::new()),
        json => serde_json::from_str(json).map_err(|_| SettingsError::UpstreamSecrets),
    }
}

/// Checks that the value is a scheme, a host and perhaps a port, and nothing else.
fn server(name: &str, value: &str) -> Result<String, SettingsError> {
    let url = format!("{value}/");
    match Target::parse(&url) {
        Some(target) if target.path == "/" && !target.host.is_empty() => Ok(value.to_owned()),
        _ => Err(SettingsError::Value(format!("{name} {value:?} must have the form https://host[:port]"))),
    }
}

#[cfg(test)]
pub(crate) mod tests;
