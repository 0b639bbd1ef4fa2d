//! A provider's settings in the body of a request.

use std::fmt::Display;
use std::str::FromStr;

use utoipa::ToSchema;

use crate::app::AppParts;
use crate::http::Problem;
use crate::http::extract::Fields;
use crate::oidc::{BadSettings, GroupRole, ProviderId, ProviderSettings};

/// The settings as a body has them; what is absent is as usual.
#[derive(ToSchema)]
#[schema(as = ProviderSettings, example = json!({ "name": "Our directory", "issuer": "https://idp.example", "client_id": "sealgate" }))]
#[expect(dead_code, reason = "describes a body")]
pub(super) struct Settings {
    /// What people are shown.
    #[schema(min_length = 1)]
    name: String,
    /// Exactly as the provider writes it.
    #[schema(min_length = 1)]
    issuer: String,
    #[schema(min_length = 1)]
    client_id: String,
    /// A public client has none. It is sealed, and never shown. Where settings are replaced, the secret stays if this is
    /// absent, and goes if it is null.
    #[schema(write_only)]
    client_secret: Option<String>,
    /// How the client shows its secret: `client_secret_basic` or `client_secret_post`. As the provider says that it may, if absent.
    #[schema(pattern = "^client_secret_(basic|post)$")]
    token_endpoint_auth_method: Option<String>,
    /// Whom else its tokens may be for: nobody, if absent.
    trusted_audiences: Option<Vec<String>>,
    /// `openid`, if absent; it is added where it is missing.
    scopes: Option<Vec<String>>,
    /// `/auth/oidc/{provider}/callback` at the site that people come from, if absent.
    redirect_uri: Option<String>,
    /// Whose addresses, which must have been verified, are let in; everybody's, if there is none.
    email_domains: Option<Vec<String>>,
    /// `user`, if absent.
    actor_type: Option<String>,
    /// The claim that names the actor: `sub`, if absent.
    actor_claim: Option<String>,
    actor_prefix: Option<String>,
    name_claim: Option<String>,
    groups_claim: Option<String>,
    /// Each `group=role`.
    group_roles: Option<Vec<String>>,
    assurance: Option<u8>,
    /// Whether another provider may name the same people.
    shares_actors: Option<bool>,
}

/// Takes the settings out of the body; what is absent is as usual.
pub(super) fn read(app: &AppParts, id: &ProviderId, fields: &mut Fields) -> Result<ProviderSettings, Problem> {
    let usual = ProviderSettings::new("", fields.required("issuer")?, "");
    let group_roles: Vec<GroupRole> = fields.list("group_roles")?;
    let settings = ProviderSettings {
        name: fields.required("name")?,
        client_id: fields.required("client_id")?,
        token_endpoint_auth_method: parsed(fields, "token_endpoint_auth_method")?,
        trusted_audiences: fields.list("trusted_audiences")?,
        scopes: fields.optional_list("scopes")?.unwrap_or(usual.scopes),
        redirect_uri: fields.text("redirect_uri")?,
        email_domains: fields.list("email_domains")?,
        actor_type: parsed(fields, "actor_type")?.unwrap_or(usual.actor_type),
        actor_claim: fields.text("actor_claim")?.unwrap_or(usual.actor_claim),
        actor_prefix: fields.text("actor_prefix")?.unwrap_or_default(),
        name_claim: fields.text("name_claim")?,
        groups_claim: fields.text("groups_claim")?,
        group_roles,
        assurance: fields.optional_byte("assurance")?.unwrap_or_default(),
        shares_actors: fields.flag("shares_actors")?,
        issuer: usual.issuer,
    };
    let checked = settings.tidy(id).and_then(|settings| settings.check_addresses(app.oidc.http()).map(|()| settings));
    checked.map_err(|BadSettings { field, problem }| Problem::invalid_field(field, format!("The value {problem}.")))
}

/// A text of the form of a `T`, if there is one.
pub(super) fn parsed<T: FromStr<Err: Display>>(fields: &mut Fields, name: &'static str) -> Result<Option<T>, Problem> {
    let Some(text) = fields.text(name)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error| Problem::invalid_field(name, format!("The value {error}.")))
}
