//! The edge's configuration: one JSON document and one secret.

use std::collections::HashMap;

use sealgate_shared::cookie::CookieNames;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::secret::Secret32;
use serde::Deserialize;

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
    /// For how long, in milliseconds, the answer that a session is live may be used again.
    pub check_cache_ms: u64,
    /// What our cookies are called.
    pub names: CookieNames,
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
    /// A value makes no sense; carries which and why.
    #[error("SEALGATE: {0}")]
    Value(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    edge: EdgeId,
    origin_public: String,
    origin_private: String,
    #[serde(default = "default_check_cache_ms")]
    check_cache_ms: u64,
    #[serde(default)]
    dev_cookies: bool,
    tenants: Vec<TenantDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantDocument {
    id: TenantId,
    hosts: Vec<String>,
    upstream: Option<String>,
    #[serde(default = "default_sign_in")]
    sign_in: String,
    #[serde(default)]
    routes: Vec<Route>,
}

const fn default_check_cache_ms() -> u64 {
    5_000
}

fn default_sign_in() -> String {
    "/auth/login".to_owned()
}

impl Settings {
    /// Reads the JSON document and the secret.
    pub fn parse(json: &str, secret: &str) -> Result<Self, SettingsError> {
        let document: Document = serde_json::from_str(json)?;
        let secret = Secret32::from_base64url(secret).map(EdgeSecret::new).ok_or(SettingsError::Secret)?;
        let hosts = bind_hosts(&document.tenants)?;
        Ok(Self {
            edge: document.edge,
            secret,
            origin_public: server("origin_public", &document.origin_public)?,
            origin_private: server("origin_private", &document.origin_private)?,
            check_cache_ms: document.check_cache_ms,
            names: choose_names(document.dev_cookies, &hosts)?,
            tenants: document.tenants.into_iter().map(Tenant::try_from).collect::<Result<_, _>>()?,
            hosts,
        })
    }

    /// The tenant that a host name (with its port) belongs to.
    pub fn tenant(&self, host: &str) -> Option<&Tenant> {
        self.tenants.get(*self.hosts.get(host)?)
    }
}

impl TryFrom<TenantDocument> for Tenant {
    type Error = SettingsError;

    fn try_from(document: TenantDocument) -> Result<Self, SettingsError> {
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
        Ok(Self {
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
    let is_local = |host: &String| {
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _port)| name);
        name == "localhost" || name == "127.0.0.1" || name.ends_with(".localhost")
    };
    match hosts.keys().find(|host| !is_local(host)) {
        _ if !dev_cookies => Ok(CookieNames::Host),
        None => Ok(CookieNames::Dev),
        Some(host) => Err(SettingsError::Value(format!("dev_cookies is for localhost only, not for {host:?}"))),
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
pub(crate) mod tests {
    use super::*;

    pub(crate) const JSON: &str = r#"{
        "edge": "dev", "origin_public": "http://127.0.0.1:1", "origin_private": "http://127.0.0.1:2",
        "tenants": [
            {"id": "demo", "hosts": ["App.example", "localhost:8787"], "upstream": "http://127.0.0.1:3",
             "routes": [{"path": "/public", "policy": "public"}]},
            {"id": "other", "hosts": ["other.example"]}
        ]
    }"#;

    pub(crate) fn secret() -> String {
        Secret32::new([7; 32]).expose_base64url()
    }

    #[test]
    fn hosts_lead_to_tenants() {
        let settings = Settings::parse(JSON, &secret()).unwrap();
        assert_eq!(settings.tenant("app.example").unwrap().id.as_str(), "demo");
        assert_eq!(settings.tenant("other.example").unwrap().id.as_str(), "other");
        for host in ["", "example", "app.example:80", "x.app.example", "app.example."] {
            assert!(settings.tenant(host).is_none(), "{host}");
        }
        assert_eq!(settings.check_cache_ms, 5_000);
        assert_eq!(settings.names, CookieNames::Host);
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, named) in [
            ("\"edge\"", "\"edgy\"", "edgy"),
            ("\"dev\"", "\"De v\"", "a–z"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/", "origin_public"),
            ("http://127.0.0.1:2", "ftp://x", "origin_private"),
            ("http://127.0.0.1:3", "127.0.0.1:3", "upstream"),
            ("other.example", "localhost:8787", "named twice"),
            ("[\"other.example\"]", "[]", "has no hosts"),
            ("\"/public\"", "\"public\"", "not a path"),
            ("\"/public\"", "\"/public area\"", "would match no request"),
            ("\"/public\"", "\"/a/../b\"", "would match no request"),
            ("\"/public\"", "\"/caf\u{e9}\"", "would match no request"),
            ("\"public\"}", "\"open\"}", "open"),
            ("\"tenants\"", "\"dev_cookies\": true, \"tenants\"", "dev_cookies"),
        ] {
            let json = JSON.replace(from, to);
            assert_ne!(json, JSON, "{from}");
            let error = Settings::parse(&json, &secret()).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_bad_secret_is_refused_and_not_shown() {
        for secret in ["", "short", &"A".repeat(44)] {
            let error = Settings::parse(JSON, secret).unwrap_err().to_string();
            assert!(error.contains("SEALGATE_EDGE_SECRET"), "{error}");
            assert!(secret.is_empty() || !error.contains(secret), "{error}");
        }
    }
}
