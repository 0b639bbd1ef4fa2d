//! `sealgate oidc add`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::ActorType;

use super::{Which, secret};
use crate::cli::{CliError, Out};
use crate::office::{NewSecret, Office};
use crate::oidc::{BadSettings, GroupRole, Issuer, ProviderSettings};
use crate::outbound::Outbound;

/// Add an OpenID provider, by which people of the tenant may sign in at once
#[derive(Args, Debug)]
#[command(after_help = "At the provider, register the redirect URI https://HOST/auth/oidc/callback and, if it has \
    back-channel logout, https://HOST/auth/oidc/ID/backchannel-logout. Then: sealgate oidc test.\n\n\
    Examples:\n  \
    sealgate oidc add --tenant shop login --issuer https://login.example --client-id shop --client-secret-file secret\n  \
    pass show shop/oidc | sealgate oidc add --tenant shop login --issuer https://login.example --client-id shop \
    --client-secret-file -\n  \
    sealgate oidc add --tenant shop login --issuer https://login.example --client-id shop --public --scope email \
    --email-domain shop.example")]
pub(in crate::cli) struct Add {
    #[command(flatten)]
    which: Which,
    /// The provider's issuer, letter by letter as it writes it
    #[arg(long, value_name = "URL")]
    issuer: Issuer,
    /// What the provider calls us
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// File with the client's secret, or - for standard input
    #[arg(long, value_name = "FILE", required_unless_present_any = ["public", "replace"])]
    client_secret_file: Option<PathBuf>,
    /// A client without secret: PKCE alone
    #[arg(long, conflicts_with = "client_secret_file")]
    public: bool,
    /// What people are shown [default: the id]
    #[arg(long)]
    name: Option<String>,
    /// A scope to ask for beside openid; may be given several times
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Where the provider sends people back to [default: /auth/oidc/callback at the host where they began]
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// Let in only verified e-mail addresses at this domain; may be given several times
    #[arg(long = "email-domain", value_name = "DOMAIN")]
    email_domains: Vec<String>,
    /// The type of its actors [default: user]
    #[arg(long, value_name = "TYPE")]
    actor_type: Option<ActorType>,
    /// The claim that names the actor; email must be verified [default: sub]
    #[arg(long, value_name = "CLAIM")]
    actor_claim: Option<String>,
    /// What is put before it, so that no two providers name the same people
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    actor_prefix: String,
    /// The claim with the person's name
    #[arg(long, value_name = "CLAIM")]
    name_claim: Option<String>,
    /// The claim with the person's groups
    #[arg(long, value_name = "CLAIM")]
    groups_claim: Option<String>,
    /// Who is in the group has the role; may be given several times
    #[arg(long = "group-role", value_name = "GROUP=ROLE")]
    group_roles: Vec<GroupRole>,
    /// The assurance of the sessions, 0 to 255
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    assurance: u8,
    /// It names the same people as another provider of the tenant, on purpose
    #[arg(long)]
    shares_actors: bool,
    /// Change the provider of that id; its secret stays, unless another is given
    #[arg(long)]
    replace: bool,
}

impl Add {
    pub(super) async fn run(self, office: &Office, outbound: &Outbound, out: Out<'_>) -> Result<ExitCode, CliError> {
        let secret = match &self.client_secret_file {
            Some(path) => NewSecret::Set(Some(secret::read(path)?)),
            None if self.public => NewSecret::Set(None),
            None => NewSecret::Keep,
        };
        let replace = self.replace;
        let (which, settings) = self.into_settings(outbound)?;
        let outcome = match &secret {
            secret if replace => office.replace_oidc_provider(&which.tenant, &which.id, &settings, secret).await?,
            NewSecret::Set(secret) => {
                office.add_oidc_provider(&which.tenant, &which.id, &settings, secret.as_ref()).await?
            }
            NewSecret::Keep => office.add_oidc_provider(&which.tenant, &which.id, &settings, None).await?,
        };
        which.judge(outcome)?;
        writeln!(out, "{}", which.id)?;
        Ok(ExitCode::SUCCESS)
    }

    fn into_settings(self, outbound: &Outbound) -> Result<(Which, ProviderSettings), CliError> {
        let usual = ProviderSettings::new(self.which.id.as_str(), self.issuer, &self.client_id);
        let settings = ProviderSettings {
            name: self.name.unwrap_or(usual.name),
            scopes: self.scopes,
            redirect_uri: self.redirect_uri,
            email_domains: self.email_domains,
            actor_type: self.actor_type.unwrap_or(usual.actor_type),
            actor_claim: self.actor_claim.unwrap_or(usual.actor_claim),
            actor_prefix: self.actor_prefix,
            name_claim: self.name_claim,
            groups_claim: self.groups_claim,
            group_roles: self.group_roles,
            assurance: self.assurance,
            shares_actors: self.shares_actors,
            issuer: usual.issuer,
            client_id: usual.client_id,
        };
        let checked = settings.tidy().and_then(|settings| settings.check_addresses(outbound).map(|()| settings));
        let settings =
            checked.map_err(|BadSettings { field, problem }| CliError::Argument(name_flag(field), problem))?;
        Ok((self.which, settings))
    }
}

/// The flag that sets the field.
fn name_flag(field: &'static str) -> &'static str {
    match field {
        "name" => "--name",
        "issuer" => "--issuer",
        "client_id" => "--client-id",
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
