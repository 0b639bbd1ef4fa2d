//! A row of the table, and the provider it stands for.

use sealgate_shared::id::{ActorType, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::types::Text;

use super::ProviderRow;
use crate::oidc::{AuthMethod, GroupRole, Issuer, Provider, ProviderId, ProviderSettings};
use crate::store::timestamp::Timestamp;
use crate::store::{StoreError, StoreResult};

/// The columns of [`Row`], for every statement that reads one.
macro_rules! columns {
    () => {
        "tenant, id, name, issuer, client_id, sealed_secret, settings, enabled, managed_by_file, created_at, updated_at"
    };
}
pub(super) use columns;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    tenant: Text<TenantId>,
    id: Text<ProviderId>,
    name: String,
    issuer: Text<Issuer>,
    client_id: String,
    sealed_secret: Option<Vec<u8>>,
    settings: String,
    enabled: bool,
    managed_by_file: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The column `settings`: what no statement asks for.
#[derive(Serialize, Deserialize)]
struct Settings {
    // Rows from before these two say nothing of them.
    #[serde(default)]
    token_endpoint_auth_method: Option<AuthMethod>,
    #[serde(default)]
    trusted_audiences: Vec<String>,
    scopes: Vec<String>,
    redirect_uri: Option<String>,
    email_domains: Vec<String>,
    actor_type: ActorType,
    actor_claim: String,
    actor_prefix: String,
    name_claim: Option<String>,
    groups_claim: Option<String>,
    group_roles: Vec<GroupRole>,
    assurance: u8,
    shares_actors: bool,
}

/// The text of the column `settings`.
pub(super) fn write_settings(settings: &ProviderSettings) -> String {
    let settings = settings.clone();
    let column = Settings {
        token_endpoint_auth_method: settings.token_endpoint_auth_method,
        trusted_audiences: settings.trusted_audiences,
        scopes: settings.scopes,
        redirect_uri: settings.redirect_uri,
        email_domains: settings.email_domains,
        actor_type: settings.actor_type,
        actor_claim: settings.actor_claim,
        actor_prefix: settings.actor_prefix,
        name_claim: settings.name_claim,
        groups_claim: settings.groups_claim,
        group_roles: settings.group_roles,
        assurance: settings.assurance,
        shares_actors: settings.shares_actors,
    };
    serde_json::to_string(&column).expect("texts and lists of texts become JSON")
}

impl Row {
    pub(super) fn into_provider(self) -> StoreResult<ProviderRow> {
        let column: Settings =
            serde_json::from_str(&self.settings).map_err(|error| StoreError::Unavailable(error.into()))?;
        let settings = ProviderSettings {
            name: self.name,
            issuer: self.issuer.0,
            client_id: self.client_id,
            token_endpoint_auth_method: column.token_endpoint_auth_method,
            trusted_audiences: column.trusted_audiences,
            scopes: column.scopes,
            redirect_uri: column.redirect_uri,
            email_domains: column.email_domains,
            actor_type: column.actor_type,
            actor_claim: column.actor_claim,
            actor_prefix: column.actor_prefix,
            name_claim: column.name_claim,
            groups_claim: column.groups_claim,
            group_roles: column.group_roles,
            assurance: column.assurance,
            shares_actors: column.shares_actors,
        };
        let provider = Provider {
            tenant: self.tenant.0,
            id: self.id.0,
            settings,
            secret: None,
            enabled: self.enabled,
            managed_by_file: self.managed_by_file,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        Ok(ProviderRow { provider, sealed_secret: self.sealed_secret })
    }
}
