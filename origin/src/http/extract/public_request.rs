//! A browser's request as an edge hands it on.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use sealgate_shared::id::TenantId;

use super::EdgeCaller;
use crate::app::AppState;
use crate::http::Problem;
use crate::limit::{Client, Network};

/// What an authenticated edge says about the request it hands on. Taking it counts the request against its
/// client's limit.
#[derive(Debug)]
pub(in crate::http) struct PublicRequest {
    /// The tenant of the host the browser asked.
    pub(in crate::http) tenant: TenantId,
    /// That host.
    pub(in crate::http) host: Option<String>,
    /// All `Cookie` lines as one.
    pub(in crate::http) cookies: String,
}

impl FromRequestParts<AppState> for PublicRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let edge = EdgeCaller::from_request_parts(parts, app).await?;
        let tenant = text_of(&parts.headers, "x-sealgate-tenant").and_then(|tenant| tenant.parse().ok());
        let tenant = tenant.filter(|tenant| edge.serves(tenant)).ok_or_else(Problem::edge_credential)?;
        let client = client_of(&parts.headers).map_or_else(|| Client::Behind(edge.id), Client::Address);
        let limited = app.limits.admit(&client, &tenant, !parts.method.is_safe(), app.office.now());
        limited.map_err(|limited| {
            app.metrics.count_limited(limited.limit);
            Problem::rate_limited(limited.wait)
        })?;
        let host = text_of(&parts.headers, "x-sealgate-host").map(str::to_owned);
        check_site(app, &tenant, host.as_deref()).await?;
        Ok(Self { tenant, host, cookies: join_cookies(&parts.headers) })
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

fn text_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The client's address, from an edge that has proved who it is and drops what clients send by that name.
fn client_of(headers: &HeaderMap) -> Option<Network> {
    let address: IpAddr = text_of(headers, "x-sealgate-client-ip")?.parse().ok()?;
    Some(address.into())
}

/// HTTP/2 splits the header into lines (RFC 9113 §8.2.3); a line that is not text holds nothing of ours.
fn join_cookies(headers: &HeaderMap) -> String {
    let lines: Vec<&str> = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).collect();
    lines.join("; ")
}
