//! What may be said of a provider, when it is added and when it is changed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sealgate_shared::id::ActorType;

use super::secret;
use crate::cli::CliError;
use crate::oidc::{AuthMethod, BadSettings, GroupRole, ProviderId, ProviderSecret, ProviderSettings};
use crate::outbound::Outbound;

#[derive(Args, Debug)]
pub(super) struct Options {
    /// File with the client's secret, or - for standard input
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// How to show the secret, for a client that is registered otherwise than the provider says it may be
    #[arg(long, value_name = "client_secret_basic|client_secret_post")]
    token_endpoint_auth_method: Option<AuthMethod>,
    /// Whom else its tokens may be for, beside us; may be given several times
    #[arg(long = "trusted-audience", value_name = "CLIENT")]
    trusted_audiences: Option<Vec<String>>,
    /// What people are shown [default: the id]
    #[arg(long)]
    name: Option<String>,
    /// A scope to ask for beside openid; may be given several times
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// Where the provider sends people back to [default: /auth/oidc/ID/callback at the host where they began]
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// Let in only verified e-mail addresses at this domain; may be given several times
    #[arg(long = "email-domain", value_name = "DOMAIN")]
    email_domains: Option<Vec<String>>,
    /// The type of its actors [default: user]
    #[arg(long, value_name = "TYPE")]
    actor_type: Option<ActorType>,
    /// The claim that names the actor; email must be verified [default: sub]
    #[arg(long, value_name = "CLAIM")]
    actor_claim: Option<String>,
    /// What is put before it, so that no two providers name the same people
    #[arg(long, value_name = "TEXT")]
    actor_prefix: Option<String>,
    /// The claim with the person's name
    #[arg(long, value_name = "CLAIM")]
    name_claim: Option<String>,
    /// The claim with the person's groups
    #[arg(long, value_name = "CLAIM")]
    groups_claim: Option<String>,
    /// Who is in the group has the role; may be given several times
    #[arg(long = "group-role", value_name = "GROUP=ROLE")]
    group_roles: Option<Vec<GroupRole>>,
    /// The assurance of the sessions, 0 to 255 [default: 0]
    #[arg(long, value_name = "NUMBER")]
    assurance: Option<u8>,
    /// It names the same people as another provider of the tenant, on purpose
    #[arg(long)]
    shares_actors: bool,
}

impl Options {
    /// The client's secret, where one is given.
    pub(super) fn read_secret(&self) -> Result<Option<ProviderSecret>, CliError> {
        self.client_secret_file.as_deref().map(secret::read).transpose()
    }

    /// The settings with what is said; the rest stays as it is.
    pub(super) fn apply(self, settings: ProviderSettings) -> ProviderSettings {
        ProviderSettings {
            token_endpoint_auth_method: self.token_endpoint_auth_method.or(settings.token_endpoint_auth_method),
            trusted_audiences: self.trusted_audiences.unwrap_or(settings.trusted_audiences),
            name: self.name.unwrap_or(settings.name),
            scopes: self.scopes.unwrap_or(settings.scopes),
            redirect_uri: self.redirect_uri.or(settings.redirect_uri),
            email_domains: self.email_domains.unwrap_or(settings.email_domains),
            actor_type: self.actor_type.unwrap_or(settings.actor_type),
            actor_claim: self.actor_claim.unwrap_or(settings.actor_claim),
            actor_prefix: self.actor_prefix.unwrap_or(settings.actor_prefix),
            name_claim: self.name_claim.or(settings.name_claim),
            groups_claim: self.groups_claim.or(settings.groups_claim),
            group_roles: self.group_roles.unwrap_or(settings.group_roles),
            assurance: self.assurance.unwrap_or(settings.assurance),
            shares_actors: self.shares_actors || settings.shares_actors,
            issuer: settings.issuer,
            client_id: settings.client_id,
        }
    }
}

/// A setting that can be as if nothing had been said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Clearable {
    /// A public client: PKCE alone
    ClientSecret,
    /// As the provider says that it may be shown
    TokenEndpointAuthMethod,
    /// We alone
    TrustedAudiences,
    /// The id
    Name,
    /// openid alone
    Scopes,
    /// At the host where people began
    RedirectUri,
    /// Anybody gets in
    EmailDomains,
    /// user
    ActorType,
    /// sub
    ActorClaim,
    /// None
    ActorPrefix,
    /// No name is kept
    NameClaim,
    /// The provider has no say
    GroupsClaim,
    /// The provider has no say
    GroupRoles,
    /// 0
    Assurance,
    /// It names other people than every other
    SharesActors,
}

impl Clearable {
    /// Puts the setting back to what it is in `usual`.
    pub(super) fn clear(self, settings: &mut ProviderSettings, usual: &ProviderSettings) {
        let usual = usual.clone();
        match self {
            // It is not among the settings.
            Self::ClientSecret => {}
            Self::TokenEndpointAuthMethod => {
                settings.token_endpoint_auth_method = usual.token_endpoint_auth_method;
            }
            Self::TrustedAudiences => settings.trusted_audiences = usual.trusted_audiences,
            Self::Name => settings.name = usual.name,
            Self::Scopes => settings.scopes = usual.scopes,
            Self::RedirectUri => settings.redirect_uri = usual.redirect_uri,
            Self::EmailDomains => settings.email_domains = usual.email_domains,
            Self::ActorType => settings.actor_type = usual.actor_type,
            Self::ActorClaim => settings.actor_claim = usual.actor_claim,
            Self::ActorPrefix => settings.actor_prefix = usual.actor_prefix,
            Self::NameClaim => settings.name_claim = usual.name_claim,
            Self::GroupsClaim => settings.groups_claim = usual.groups_claim,
            Self::GroupRoles => settings.group_roles = usual.group_roles,
            Self::Assurance => settings.assurance = usual.assurance,
            Self::SharesActors => settings.shares_actors = usual.shares_actors,
        }
    }
}

/// Puts the settings in order; refuses what cannot be, by the name of the flag.
pub(super) fn check(
    settings: ProviderSettings,
    id: &ProviderId,
    outbound: &Outbound,
) -> Result<ProviderSettings, CliError> {
    let checked = settings.tidy(id).and_then(|settings| settings.check_addresses(outbound).map(|()| settings));
    checked.map_err(|BadSettings { field, problem }| {
        CliError::Argument(name_flag(field), problem.replace("group_roles", name_flag("group_roles")))
    })
}

/// The flag that sets the field.
fn name_flag(field: &'static str) -> &'static str {
    match field {
        "name" => "--name",
        "issuer" => "--issuer",
        "client_id" => "--client-id",
        "trusted_audiences" => "--trusted-audience",
        "scopes" => "--scope",
        "redirect_uri" => "--redirect-uri",
        "email_domains" => "--email-domain",
        "actor_claim" => "--actor-claim",
        "actor_prefix" => "--actor-prefix",
        "name_claim" => "--name-claim",
        "groups_claim" => "--groups-claim",
        "group_roles" => "--group-role",
        other => other,
    }
}
