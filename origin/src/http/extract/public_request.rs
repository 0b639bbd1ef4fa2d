//! A person's request as an edge hands it on.

use std::fmt;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use sealgate_shared::id::TenantId;

use super::client_address::{self, BehindEdge};
use super::service_token::read_bearer;
use super::{EdgeCaller, text_of};
use crate::app::AppState;
use crate::http::Problem;
use crate::limit::{Asking, Client, Network};
use crate::office::Credentials;

/// What an authenticated edge says about the request it hands on. Taking it counts the request against its
/// client's limit.
pub(in crate::http) struct PublicRequest {
    /// The tenant of the host the browser asked.
    pub(in crate::http) tenant: TenantId,
    /// That host.
    pub(in crate::http) host: Option<String>,
    /// How it was asked: `https`, or `http` in development.
    pub(in crate::http) scheme: Option<String>,
    /// All `Cookie` lines as one.
    pub(in crate::http) cookies: String,
    /// The token of ours behind `Authorization: Bearer`; then the cookies are not looked at.
    pub(in crate::http) bearer: Option<String>,
    /// What the browser, or whatever it is, calls itself.
    pub(in crate::http) user_agent: Option<String>,
    /// Where the request comes from, if it can be told.
    pub(in crate::http) client: Option<IpAddr>,
}

impl PublicRequest {
    /// What the request shows of a session.
    pub(in crate::http) fn credentials(&self) -> Credentials<'_> {
        self.bearer.as_deref().map_or(Credentials::Cookies(&self.cookies), Credentials::Bearer)
    }
}

/// Without what it shows of a session.
impl fmt::Debug for PublicRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicRequest").field("tenant", &self.tenant).field("host", &self.host).finish_non_exhaustive()
    }
}

impl FromRequestParts<AppState> for PublicRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let asking = if parts.method.is_safe() { Asking::ToRead } else { Asking::ToChange };
        Self::take(parts, app, asking).await
    }
}

impl PublicRequest {
    async fn take(parts: &mut Parts, app: &AppState, asking: Asking) -> Result<Self, Problem> {
        let edge = EdgeCaller::from_request_parts(parts, app).await?;
        let tenant = text_of(&parts.headers, "x-sealgate-tenant").and_then(|tenant| tenant.parse().ok());
        let tenant = tenant.filter(|tenant| edge.serves(tenant)).ok_or_else(Problem::edge_credential)?;
        let client = client_address::behind_edge(parts, app.mode);
        let limited = match client {
            Some(BehindEdge { address, is_told: true }) => Client::Address(Network::from(address)),
            _ => Client::Behind(edge.id),
        };
        let limited = app.limits.admit(&limited, &tenant, asking, app.office.now());
        limited.map_err(|limited| {
            app.metrics.count_limited(limited.limit);
            Problem::rate_limited(limited.wait)
        })?;
        let host = text_of(&parts.headers, "x-sealgate-host").map(str::to_owned);
        check_site(app, &tenant, host.as_deref()).await?;
        Ok(Self {
            tenant,
            host,
            scheme: text_of(&parts.headers, "x-sealgate-proto").map(str::to_owned),
            cookies: join(&parts.headers, &header::COOKIE, "; "),
            bearer: our_bearer(&parts.headers),
            user_agent: text_of(&parts.headers, "user-agent").map(str::to_owned),
            client: client.map(|client| client.address),
        })
    }
}

/// As [`PublicRequest`], from a provider that tells of a logout: counted by itself, for all its people come from one
/// address.
#[derive(Debug)]
pub(in crate::http) struct LogoutRequest(pub(in crate::http) PublicRequest);

impl FromRequestParts<AppState> for LogoutRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        PublicRequest::take(parts, app, Asking::ForLogout).await.map(Self)
    }
}

/// Refuses requests for a site that is none of the tenant's: its edge was configured wrongly, or leaked and plays
/// sites of another name. And those for a tenant that is disabled.
async fn check_site(app: &AppState, tenant: &TenantId, host: Option<&str>) -> Result<(), Problem> {
    // Host names know no case; ours are in lower case.
    let host = host.unwrap_or_default().to_ascii_lowercase();
    let site = app.office.store().site(tenant, &host).await?.ok_or_else(Problem::edge_credential)?;
    if !site.host_known {
        return Err(Problem::unknown_host());
    }
    if site.disabled { Err(Problem::tenant_disabled()) } else { Ok(()) }
}

/// The token behind `Authorization: Bearer`, if it is one of ours by its look. Any other is the application's business.
fn our_bearer(headers: &HeaderMap) -> Option<String> {
    let header = join(headers, &header::AUTHORIZATION, ", ");
    let token = read_bearer(&header)?.trim_end();
    ["v1.", "r1."].iter().any(|ours| token.starts_with(ours)).then(|| token.to_owned())
}

/// HTTP/2 splits `Cookie` into lines (RFC 9113 §8.2.3); a line that is not text holds nothing of ours.
fn join(headers: &HeaderMap, name: &HeaderName, between: &str) -> String {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    lines.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_is_ours_by_its_look() {
        for (lines, ours) in [
            (&["Bearer v1.a.b.c"][..], Some("v1.a.b.c")),
            (&["bearer  v1.a.b.c "], Some("v1.a.b.c")),
            (&["BEARER r1.a.b.c.d"], Some("r1.a.b.c.d")),
            (&["Bearer v1."], Some("v1.")),
            (&["Bearer v1.a.b.c", "Bearer v1.d.e.f"], Some("v1.a.b.c, Bearer v1.d.e.f")),
            (&["Bearer v2.a.b.c"], None),
            (&["Bearer V1.a.b.c"], None),
            (&["Bearer eyJhbGciOi.x.y"], None),
            (&["Basic v1.a.b.c"], None),
            (&["v1.a.b.c"], None),
            (&["Bearer"], None),
            (&[""], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::AUTHORIZATION, line.parse().unwrap());
            }
            assert_eq!(our_bearer(&headers).as_deref(), ours, "{lines:?}");
        }
    }

    #[test]
    fn what_it_shows_of_a_session_is_not_printed() {
        let request = PublicRequest {
            tenant: "demo".parse().unwrap(),
            host: Some("demo.test".to_owned()),
            scheme: None,
            cookies: "__Host-sg=v1.secret".to_owned(),
            bearer: Some("v1.secret".to_owned()),
            user_agent: None,
            client: None,
        };
        let printed = format!("{request:?}");
        assert!(printed.contains("demo.test") && !printed.contains("secret"), "{printed}");
    }
}
