//! The ways in that a tenant offers, and the page that lists them. It works without scripts: staying signed in is a box whose
//! state chooses between two lists of links. Links and no form, since a browser holds the address that a form leads to in the end
//! against `form-action` (CSP Level 3 §6.4.1), and that is the provider's.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use sealgate_shared::id::TenantId;
use url::form_urlencoded;

use super::{page, return_to};
use crate::app::AppParts;
use crate::http::Problem;
use crate::session::Session;

/// The ways in.
#[derive(Debug)]
pub(super) struct Ways {
    providers: Vec<Way>,
    /// Under any name, in development.
    pub(super) dev: bool,
    /// By an operator's password.
    break_glass: bool,
}

/// A provider, as the page shows it.
#[derive(Debug)]
struct Way {
    id: String,
    name: String,
}

/// What somebody has said, or the address has said for them.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) remember: bool,
    pub(super) return_to: String,
    /// How long ago the sign-in may have been that the page to go back to asks for, in seconds.
    pub(super) max_age: Option<u64>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct Page<'a> {
    style: &'static str,
    tenant: &'a str,
    ways: &'a Ways,
    name: &'a str,
    /// Whether the name is settled: who signs in again is who was signed in.
    again: bool,
    remember: bool,
    return_to: &'a str,
    max_age: Option<u64>,
    mistake: Option<&'a str>,
}

impl Ways {
    /// The ways in that there are now; `None` when there is none at all.
    pub(super) async fn of(app: &AppParts, tenant: &TenantId) -> Result<Self, Problem> {
        let providers = app.office.oidc_providers(tenant).await?;
        let enabled = providers.into_iter().filter(|provider| provider.enabled);
        let providers = enabled.map(|provider| Way { id: provider.id.to_string(), name: provider.name }).collect();
        let break_glass = app.office.break_glass_is_on(tenant).await?;
        Ok(Self { providers, dev: app.dev_sign_in, break_glass })
    }

    /// Whether nobody can sign in here, as far as we know: the application may have ways of its own.
    pub(super) const fn is_none(&self) -> bool {
        self.providers.is_empty() && !self.dev && !self.break_glass
    }

    /// Answers with the page; `again` is the session of whoever is to sign in again.
    pub(super) fn show(
        &self,
        status: StatusCode,
        tenant: &TenantId,
        entry: &Entry,
        again: Option<&Session>,
        mistake: Option<&str>,
    ) -> Result<Response, Problem> {
        let page = Page {
            style: page::LOGIN.style,
            tenant: tenant.as_str(),
            ways: self,
            name: again.map_or(entry.name.as_str(), |session| session.actor.id.as_str()),
            again: again.is_some(),
            remember: entry.remember,
            return_to: return_to::sanitise(&entry.return_to),
            max_age: entry.max_age,
            mistake,
        };
        page::show(status, &page, &page::LOGIN)
    }
}

impl Page<'_> {
    /// Where the link of a provider leads.
    fn begin(&self, way: &Way, remember: bool) -> String {
        let mut query = write_again(self.return_to, self.max_age);
        if remember {
            query.append_pair("remember", "true");
        }
        format!("/auth/oidc/{}/login?{}", way.id, query.finish())
    }

    fn break_glass(&self) -> String {
        format!("/auth/break-glass?{}", write_again(self.return_to, self.max_age).finish())
    }
}

/// A query that says where to go afterwards, and how recent the sign-in has to be.
pub(super) fn write_again(return_to: &str, max_age: Option<u64>) -> form_urlencoded::Serializer<'static, String> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", return_to);
    if let Some(max_age) = max_age {
        query.append_pair("max_age", &max_age.to_string());
    }
    query
}
