//! A tenant's `OpenID` providers, for operators.

pub(in crate::http::private) mod add;
pub(in crate::http::private) mod disable;
pub(in crate::http::private) mod enable;
pub(in crate::http::private) mod list;
pub(in crate::http::private) mod remove;
pub(in crate::http::private) mod replace;
mod settings;
pub(in crate::http::private) mod show;
pub(in crate::http::private) mod test;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use sealgate_shared::id::TenantId;

use crate::app::AppParts;
use crate::http::Problem;
use crate::oidc::{Provider, ProviderId};
use crate::store::ProviderOutcome;

/// Tenant and provider of a path. What is the id of neither is not there.
type ProviderPath = Result<Path<(String, String)>, PathRejection>;

fn read_path(path: ProviderPath) -> Result<(TenantId, ProviderId), Problem> {
    let Ok(Path((tenant, id))) = path else { return Err(Problem::tenant_not_found()) };
    let tenant = tenant.parse().map_err(|_| Problem::tenant_not_found())?;
    Ok((tenant, id.parse().map_err(|_| provider_not_found())?))
}

fn provider_not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "provider_not_found", "There is no such provider.")
}

/// The provider, where there is one; otherwise, which of the two is not there.
async fn find(app: &AppParts, tenant: &TenantId, id: &ProviderId) -> Result<Provider, Problem> {
    if let Some(provider) = app.office.oidc_provider(tenant, id).await? {
        return Ok(provider);
    }
    app.office.require_tenant(tenant).await?;
    Err(provider_not_found())
}

/// Says why nothing was changed. That it is so already is no reason.
fn require_done(outcome: ProviderOutcome) -> Result<(), Problem> {
    let conflict = |code, detail: String| Err(Problem::new(StatusCode::CONFLICT, code, detail));
    match outcome {
        ProviderOutcome::Done | ProviderOutcome::Unchanged => Ok(()),
        ProviderOutcome::NotFound => Err(provider_not_found()),
        ProviderOutcome::NoTenant => Err(Problem::tenant_not_found()),
        ProviderOutcome::Exists => conflict("provider_exists", "There is a provider of this id already.".to_owned()),
        ProviderOutcome::ManagedByFile => {
            let detail =
                "This provider is kept in the configuration file of the origin, under [[oidc]]: change it there.";
            conflict("managed_by_file", detail.to_owned())
        }
        ProviderOutcome::SecretNeeded => {
            let detail = "With another issuer or client id the secret must be given again.";
            Err(Problem::invalid_field("client_secret", detail))
        }
        ProviderOutcome::Overlaps(other) => {
            let detail = format!(
                "The provider {other} might name the same people: give this one another actor_type, or give both an \
                 actor_prefix that begins with no other's; or say shares_actors, if they are the same people."
            );
            Err(Problem::new(StatusCode::CONFLICT, "actors_overlap", detail).about("actor_prefix"))
        }
    }
}
