//! An `OpenID` provider as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::iso8601;
use crate::oidc::{AuthMethod, ProbeFinding, Provider};

/// What an operator sees, and `sealgate oidc --json`. The secret is not shown, to anybody.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the answer")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider)]
pub(crate) struct ProviderObject {
    id: String,
    name: String,
    issuer: String,
    client_id: String,
    /// Whether there is one.
    client_secret: bool,
    token_endpoint_auth_method: Option<&'static str>,
    trusted_audiences: Vec<String>,
    scopes: Vec<String>,
    redirect_uri: Option<String>,
    email_domains: Vec<String>,
    actor_type: String,
    actor_claim: String,
    actor_prefix: String,
    name_claim: Option<String>,
    groups_claim: Option<String>,
    group_roles: Vec<String>,
    assurance: u8,
    shares_actors: bool,
    enabled: bool,
    managed_by_file: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<Provider> for ProviderObject {
    fn from(provider: Provider) -> Self {
        let settings = provider.settings;
        Self {
            id: provider.id.to_string(),
            name: settings.name,
            issuer: settings.issuer.to_string(),
            client_id: settings.client_id,
            client_secret: provider.secret.is_some(),
            token_endpoint_auth_method: settings.token_endpoint_auth_method.map(AuthMethod::as_str),
            trusted_audiences: settings.trusted_audiences,
            scopes: settings.scopes,
            redirect_uri: settings.redirect_uri,
            email_domains: settings.email_domains,
            actor_type: settings.actor_type.to_string(),
            actor_claim: settings.actor_claim,
            actor_prefix: settings.actor_prefix,
            name_claim: settings.name_claim,
            groups_claim: settings.groups_claim,
            group_roles: settings.group_roles.iter().map(ToString::to_string).collect(),
            assurance: settings.assurance,
            shares_actors: settings.shares_actors,
            enabled: provider.enabled,
            managed_by_file: provider.managed_by_file,
            created_at: iso8601::format(provider.created_at),
            updated_at: iso8601::format(provider.updated_at),
        }
    }
}

/// Something that was found out about a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderFinding)]
pub(crate) struct FindingObject {
    verdict: &'static str,
    check: &'static str,
    message: String,
}

impl From<ProbeFinding> for FindingObject {
    fn from(finding: ProbeFinding) -> Self {
        Self { verdict: finding.verdict.as_str(), check: finding.check, message: finding.message }
    }
}
