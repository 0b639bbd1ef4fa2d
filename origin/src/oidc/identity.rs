//! Who somebody is to us, by what the provider says and how it is set up.

use sealgate_shared::id::Roles;
use serde_json::{Map, Value};

use super::{Failure, ProviderSettings};
use crate::session::Actor;

/// The most characters of a name that is shown.
const MAX_NAME: usize = 128;

/// What the provider has said: in the ID token, and where that says nothing, elsewhere.
pub(crate) struct Claims {
    id_token: Map<String, Value>,
    userinfo: Option<Map<String, Value>>,
}

/// Somebody.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) actor: Actor,
    /// What people call them.
    pub(crate) name: Option<String>,
    /// `None`: the provider has no say in it.
    pub(crate) roles: Option<Roles>,
}

/// What an ID token does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// Who it is, or what they may do.
    Needed,
    /// What people call them, and nothing else: that is no reason to keep somebody out.
    Name,
}

impl Claims {
    pub(crate) const fn new(id_token: Map<String, Value>) -> Self {
        Self { id_token, userinfo: None }
    }

    /// Adds what was said elsewhere. Where both say something, the ID token is believed.
    pub(crate) fn add(&mut self, userinfo: Map<String, Value>) {
        self.userinfo = Some(userinfo);
    }

    /// What is wanted and the ID token does not say, if anything.
    pub(crate) fn lack(&self, settings: &ProviderSettings) -> Option<Lack> {
        let email = needs_email(settings).then_some(["email", "email_verified"]);
        let groups = settings.groups_claim.as_deref().filter(|_| !settings.group_roles.is_empty());
        let named = [Some(settings.actor_claim.as_str()), groups];
        let mut needed = email.into_iter().flatten().chain(named.into_iter().flatten());
        if needed.any(|name| is_missing(&self.id_token, name)) {
            return Some(Lack::Needed);
        }
        let is_nameless = settings.name_claim.as_deref().is_some_and(|name| is_missing(&self.id_token, name));
        is_nameless.then_some(Lack::Name)
    }

    fn find(&self, name: &str) -> Option<&Value> {
        let in_id_token = self.id_token.get(name).filter(|value| !value.is_null());
        in_id_token.or_else(|| self.userinfo.as_ref()?.get(name).filter(|value| !value.is_null()))
    }

    /// Address and whether it was verified, from one and the same document: one's word says nothing of the other's address.
    fn email(&self) -> (Option<&str>, bool) {
        let documents = [Some(&self.id_token), self.userinfo.as_ref()];
        let find = |wanted: &[&str]| {
            let mut documents = documents.into_iter().flatten();
            documents.find(|claims| wanted.iter().all(|name| !is_missing(claims, name)))
        };
        let Some(claims) = find(&["email", "email_verified"]).or_else(|| find(&["email"])) else {
            return (None, false);
        };
        (claims.get("email").and_then(Value::as_str), claims.get("email_verified").is_some_and(is_true))
    }

    /// Whether the provider says that this claim is to be had elsewhere (`OpenID` Connect Core 1.0 §5.6.2). Nobody goes there.
    fn is_elsewhere(&self, name: &str) -> bool {
        let mut documents = [Some(&self.id_token), self.userinfo.as_ref()].into_iter().flatten();
        documents.any(|claims| claims.get("_claim_names").is_some_and(|elsewhere| elsewhere.get(name).is_some()))
    }
}

impl Identity {
    /// Who that is; or why nobody.
    pub(crate) fn read(settings: &ProviderSettings, claims: &Claims) -> Result<Self, Failure> {
        let email = if needs_email(settings) { Some(check_email(settings, claims)?) } else { None };
        let named = match email {
            // The very address that was checked.
            Some(email) if settings.actor_claim == "email" => Some(email),
            _ => claims.find(&settings.actor_claim).and_then(Value::as_str),
        };
        let named = named.filter(|named| !named.is_empty()).ok_or(Failure::ActorClaim)?;
        let id = format!("{}{named}", settings.actor_prefix).parse().map_err(|_| Failure::ActorClaim)?;
        let name = settings.name_claim.as_deref().and_then(|name| claims.find(name)?.as_str());
        Ok(Self {
            actor: Actor { kind: settings.actor_type.clone(), id },
            name: name.and_then(clean_name),
            roles: read_roles(settings, claims)?,
        })
    }
}

fn needs_email(settings: &ProviderSettings) -> bool {
    !settings.email_domains.is_empty() || settings.actor_claim == "email"
}

/// The address, if the provider vouches for it and it is of one of the domains, where there are any.
fn check_email<'c>(settings: &ProviderSettings, claims: &'c Claims) -> Result<&'c str, Failure> {
    let (email, is_verified) = claims.email();
    let email = email.ok_or(Failure::EmailMissing)?;
    let is_plain = email.bytes().all(|byte| byte.is_ascii_graphic());
    let (local, domain) = email.split_once('@').filter(|_| is_plain).ok_or(Failure::EmailMissing)?;
    // A second one could be read in two ways.
    if local.is_empty() || domain.is_empty() || domain.contains('@') {
        return Err(Failure::EmailMissing);
    }
    if !is_verified {
        return Err(Failure::EmailUnverified);
    }
    let mut domains = settings.email_domains.iter();
    let is_ours = settings.email_domains.is_empty() || domains.any(|ours| ours.eq_ignore_ascii_case(domain));
    if is_ours { Ok(email) } else { Err(Failure::EmailDomain) }
}

/// The roles of the groups; no role where the provider tells of no group.
fn read_roles(settings: &ProviderSettings, claims: &Claims) -> Result<Option<Roles>, Failure> {
    let Some(claim) = settings.groups_claim.as_deref().filter(|_| !settings.group_roles.is_empty()) else {
        return Ok(None);
    };
    let groups: Vec<&str> = match claims.find(claim) {
        None => {
            if claims.is_elsewhere(claim) {
                // Entra, for somebody who is in more than 200.
                tracing::warn!(
                    issuer = %settings.issuer, claim,
                    "a provider keeps somebody's groups elsewhere (_claim_names), so that they have no roles: have it send \
                     only the groups that are assigned to the application"
                );
            }
            Vec::new()
        }
        Some(Value::String(group)) => vec![group],
        Some(Value::Array(groups)) => {
            let groups: Option<_> = groups.iter().map(Value::as_str).collect();
            groups.ok_or(Failure::GroupsClaim)?
        }
        Some(_) => return Err(Failure::GroupsClaim),
    };
    let given = settings.group_roles.iter().filter(|given| groups.contains(&given.group.as_str()));
    let mut roles: Vec<_> = given.map(|given| given.role.clone()).collect();
    roles.sort();
    roles.dedup();
    Roles::new(roles).map(Some).map_err(|_| Failure::TokenTooLong)
}

/// What is true, also to providers that write it as a text (Amazon Cognito, Apple, `PayPal`).
fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true) || value.as_str() == Some("true")
}

fn is_missing(claims: &Map<String, Value>, name: &str) -> bool {
    claims.get(name).is_none_or(Value::is_null)
}

/// A name as it can be shown in one line: without controls, and without what turns the text around.
fn clean_name(name: &str) -> Option<String> {
    let is_trick = |letter: &char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let plain: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let plain: String = plain.chars().filter(|letter| !is_trick(letter)).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(MAX_NAME).collect();
    let name = name.trim_end();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
