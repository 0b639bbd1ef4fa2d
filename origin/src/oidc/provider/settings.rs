//! What an operator says of a provider, and what cannot be said of one.

use sealgate_shared::id::ActorType;
use url::Url;

use super::{AuthMethod, GroupRole, ProviderId};
use crate::host_name::HostName;
use crate::oidc::Issuer;
use crate::outbound::{Outbound, OutboundError};

/// What an operator says of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSettings {
    /// What people are shown.
    pub name: String,
    pub issuer: Issuer,
    pub client_id: String,
    /// How the client shows its secret; else as the provider says that it may.
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// Whom else its tokens may be for.
    pub trusted_audiences: Vec<String>,
    /// `openid` is among them.
    pub scopes: Vec<String>,
    /// Where the provider sends people back to; else it follows from the address at which they began.
    pub redirect_uri: Option<String>,
    /// If there are any, whoever signs in has a verified address at one of them.
    pub email_domains: Vec<String>,
    pub actor_type: ActorType,
    /// The claim that names the actor. `email` must be verified.
    pub actor_claim: String,
    /// What is put before it.
    pub actor_prefix: String,
    pub name_claim: Option<String>,
    pub groups_claim: Option<String>,
    /// Which groups have which roles; without any, roles are no business of the provider's.
    pub group_roles: Vec<GroupRole>,
    pub assurance: u8,
    /// Whether it may name the same people as another provider of the tenant.
    pub shares_actors: bool,
}

/// A value that does not hold, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct BadSettings {
    pub field: &'static str,
    pub problem: String,
}

/// The most of anything that is a list.
const MOST: usize = 100;
const MAX_NAME: usize = 64;
const MAX_CLIENT_ID: usize = 255;
const MAX_CLAIM: usize = 128;
const MAX_GROUP: usize = 255;
/// Half of what an actor's id has room for.
const MAX_PREFIX: usize = 64;

impl ProviderSettings {
    /// A provider of that name with the usual settings.
    ///
    /// # Panics
    ///
    /// Never: `user` is a kind of actor.
    pub fn new(name: &str, issuer: Issuer, client_id: &str) -> Self {
        Self {
            name: name.to_owned(),
            issuer,
            client_id: client_id.to_owned(),
            token_endpoint_auth_method: None,
            trusted_audiences: Vec::new(),
            scopes: vec!["openid".to_owned()],
            redirect_uri: None,
            email_domains: Vec::new(),
            actor_type: "user".parse().expect("a kind of actor"),
            actor_claim: "sub".to_owned(),
            actor_prefix: String::new(),
            name_claim: None,
            groups_claim: None,
            group_roles: Vec::new(),
            assurance: 0,
            shares_actors: false,
        }
    }

    /// Puts the lists in order, adds what must be there, and refuses what cannot be of the provider of that id.
    pub fn tidy(mut self, id: &ProviderId) -> Result<Self, BadSettings> {
        if !self.scopes.iter().any(|scope| scope == "openid") {
            self.scopes.insert(0, "openid".to_owned());
        }
        self.email_domains.sort();
        self.email_domains.dedup();
        self.check(id)?;
        Ok(self)
    }

    /// Refuses addresses that would not be asked, as far as can be told without asking.
    pub fn check_addresses(&self, outbound: &Outbound) -> Result<(), BadSettings> {
        let bad = |field, error: OutboundError| BadSettings { field, problem: format!("is not usable: {error}") };
        outbound.check_url(self.issuer.as_url()).map_err(|error| bad("issuer", error))?;
        match self.redirect_uri.as_deref().map(|text| text.starts_with("http:")) {
            Some(true) if !outbound.takes_plain_http() => Err(bad("redirect_uri", OutboundError::Scheme)),
            _ => Ok(()),
        }
    }

    fn check(&self, id: &ProviderId) -> Result<(), BadSettings> {
        require("name", is_text(&self.name, MAX_NAME), "must have 1 to 64 characters and no control characters")?;
        let client_id = self.client_id.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let client_id = client_id && (1..=MAX_CLIENT_ID).contains(&self.client_id.len());
        require("client_id", client_id, "must have 1 to 255 printable characters of ASCII")?;
        let audiences = self.trusted_audiences.iter().all(|audience| is_text(audience, MAX_CLIENT_ID));
        require("trusted_audiences", audiences, "has one that is empty, too long, or has control characters")?;
        require("scopes", self.scopes.iter().all(|scope| is_scope(scope)), "has one with a character no scope has")?;
        let redirect = self.redirect_uri.as_deref().is_none_or(is_redirect);
        let form = format!("must be a URL such as https://app.example{}", id.callback_path());
        require("redirect_uri", redirect, &form)?;
        let received = self.redirect_uri.as_deref().is_none_or(|text| leads_to_callback(text, id));
        let form = format!("must have the path {}, and no query: people are received there", id.callback_path());
        require("redirect_uri", received, &form)?;
        let domains = self.email_domains.iter().all(|domain| is_domain(domain));
        require("email_domains", domains, "has one that is no domain in lower case")?;
        let claim = |claim: &str| is_text(claim, MAX_CLAIM);
        let form = "must have 1 to 128 characters and no control characters";
        require("actor_claim", claim(&self.actor_claim), form)?;
        require("name_claim", self.name_claim.as_deref().is_none_or(claim), form)?;
        require("groups_claim", self.groups_claim.as_deref().is_none_or(claim), form)?;
        let prefix = self.actor_prefix.len() <= MAX_PREFIX && self.actor_prefix.bytes().all(|b| b.is_ascii_graphic());
        require("actor_prefix", prefix, "must have at most 64 printable characters of ASCII without spaces")?;
        let groups = self.group_roles.iter().all(|rule| is_text(&rule.group, MAX_GROUP));
        require("group_roles", groups, "has a group that is empty, too long, or has control characters")?;
        let unread = !self.group_roles.is_empty() && self.groups_claim.is_none();
        require("groups_claim", !unread, "is needed for group_roles")?;
        for (field, length) in [
            ("trusted_audiences", self.trusted_audiences.len()),
            ("scopes", self.scopes.len()),
            ("email_domains", self.email_domains.len()),
            ("group_roles", self.group_roles.len()),
        ] {
            require(field, length <= MOST, "must have at most 100 entries")?;
        }
        Ok(())
    }

    /// Whether people come back to where any provider's may: then its answer must say whose it is.
    pub fn shares_callback(&self) -> bool {
        let url = self.redirect_uri.as_deref().and_then(|text| Url::parse(text).ok());
        url.is_some_and(|url| url.path() == SHARED_CALLBACK)
    }

    /// Whether somebody of this provider could be given the id of somebody of the other. A subject is unique among those
    /// of its own issuer, and whoever keeps the accounts there may have chosen it: nothing but the prefix tells them apart,
    /// and only if neither begins with the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (one, two) = (&self.actor_prefix, &other.actor_prefix);
        self.actor_type == other.actor_type && (one.starts_with(two.as_str()) || two.starts_with(one.as_str()))
    }

    /// Whether the two may not be enabled together: they overlap, and neither says that it is on purpose.
    pub fn clashes(&self, other: &Self) -> bool {
        self.overlaps(other) && !self.shares_actors && !other.shares_actors
    }

    /// The names of the settings that are not as they were.
    pub fn name_changes(&self, before: &Self) -> Vec<&'static str> {
        let differs = [
            ("name", self.name != before.name),
            ("issuer", self.issuer != before.issuer),
            ("client_id", self.client_id != before.client_id),
            ("token_endpoint_auth_method", self.token_endpoint_auth_method != before.token_endpoint_auth_method),
            ("trusted_audiences", self.trusted_audiences != before.trusted_audiences),
            ("scopes", self.scopes != before.scopes),
            ("redirect_uri", self.redirect_uri != before.redirect_uri),
            ("email_domains", self.email_domains != before.email_domains),
            ("actor_type", self.actor_type != before.actor_type),
            ("actor_claim", self.actor_claim != before.actor_claim),
            ("actor_prefix", self.actor_prefix != before.actor_prefix),
            ("name_claim", self.name_claim != before.name_claim),
            ("groups_claim", self.groups_claim != before.groups_claim),
            ("group_roles", self.group_roles != before.group_roles),
            ("assurance", self.assurance != before.assurance),
            ("shares_actors", self.shares_actors != before.shares_actors),
        ];
        differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }
}

/// Where people come back to from providers that name themselves in their answer (RFC 9207), whichever of them it is.
const SHARED_CALLBACK: &str = "/auth/oidc/callback";

fn require(field: &'static str, holds: bool, problem: &str) -> Result<(), BadSettings> {
    if holds { Ok(()) } else { Err(BadSettings { field, problem: problem.to_owned() }) }
}

fn is_text(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn is_domain(text: &str) -> bool {
    !text.contains(':') && text.parse::<HostName>().is_ok()
}

/// The characters of a scope (RFC 6749 §3.3).
fn is_scope(scope: &str) -> bool {
    (1..=128).contains(&scope.len()) && scope.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
}

fn is_redirect(text: &str) -> bool {
    let plain = text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let url = Url::parse(text).ok().filter(|_| plain);
    url.is_some_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host() && url.fragment().is_none())
}

fn leads_to_callback(text: &str, id: &ProviderId) -> bool {
    let is_callback = |url: Url| url.path() == id.callback_path() || url.path() == SHARED_CALLBACK;
    Url::parse(text).is_ok_and(|url| url.query().is_none() && is_callback(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ProviderSettings {
        ProviderSettings::new("Login", "https://login.example".parse().unwrap(), "sealgate")
    }

    #[test]
    fn the_usual_settings_hold_and_openid_is_always_asked_for() {
        assert_eq!(settings().tidy(&login()), Ok(settings()));
        let more = ProviderSettings { scopes: vec!["email".to_owned()], ..settings() };
        assert_eq!(more.tidy(&login()).unwrap().scopes, ["openid", "email"]);
    }

    fn login() -> ProviderId {
        "login".parse().unwrap()
    }

    fn redirecting_to(uri: &str) -> ProviderSettings {
        ProviderSettings { redirect_uri: Some(uri.to_owned()), ..settings() }
    }

    #[test]
    fn people_are_sent_back_to_where_they_are_received() {
        for (uri, shared) in [
            ("https://a.example/auth/oidc/login/callback", false),
            ("http://localhost:8787/auth/oidc/login/callback", false),
            ("https://a.example/auth/oidc/callback", true),
        ] {
            let settings = redirecting_to(uri).tidy(&login()).unwrap();
            assert_eq!(settings.shares_callback(), shared, "{uri}");
        }
        assert!(!settings().shares_callback());
    }

    #[test]
    fn every_mistake_names_its_field() {
        let text = |length| "a".repeat(length);
        for (field, wrong) in [
            ("name", ProviderSettings { name: String::new(), ..settings() }),
            ("name", ProviderSettings { name: text(65), ..settings() }),
            ("name", ProviderSettings { name: "a\u{1b}".to_owned(), ..settings() }),
            ("client_id", ProviderSettings { client_id: String::new(), ..settings() }),
            ("client_id", ProviderSettings { client_id: "ä".to_owned(), ..settings() }),
            ("client_id", ProviderSettings { client_id: text(256), ..settings() }),
            ("scopes", ProviderSettings { scopes: vec!["a b".to_owned()], ..settings() }),
            ("scopes", ProviderSettings { scopes: vec!["a".to_owned(); 101], ..settings() }),
            ("redirect_uri", ProviderSettings { redirect_uri: Some("/auth".to_owned()), ..settings() }),
            ("redirect_uri", ProviderSettings { redirect_uri: Some("https://a.example/".to_owned()), ..settings() }),
            ("redirect_uri", redirecting_to("https://a.example/auth/oidc/other/callback")),
            ("redirect_uri", redirecting_to("https://a.example/auth/oidc/callback/")),
            ("redirect_uri", redirecting_to("https://a.example/auth/oidc/login/callback?to=shop")),
            ("redirect_uri", ProviderSettings { redirect_uri: Some("https://a.example/#a".to_owned()), ..settings() }),
            ("redirect_uri", ProviderSettings { redirect_uri: Some("javascript:alert(1)".to_owned()), ..settings() }),
            ("email_domains", ProviderSettings { email_domains: vec!["Example.com".to_owned()], ..settings() }),
            ("email_domains", ProviderSettings { email_domains: vec!["@example.com".to_owned()], ..settings() }),
            ("actor_claim", ProviderSettings { actor_claim: String::new(), ..settings() }),
            ("actor_prefix", ProviderSettings { actor_prefix: "a b".to_owned(), ..settings() }),
            ("actor_prefix", ProviderSettings { actor_prefix: text(65), ..settings() }),
            ("name_claim", ProviderSettings { name_claim: Some(text(129)), ..settings() }),
            ("groups_claim", ProviderSettings { group_roles: vec!["a=b".parse().unwrap()], ..settings() }),
        ] {
            assert_eq!(wrong.clone().tidy(&login()).unwrap_err().field, field, "{wrong:?}");
        }
    }

    #[test]
    fn providers_overlap_when_one_could_name_somebody_of_the_other() {
        let with = |kind: &str, prefix: &str| ProviderSettings {
            actor_type: kind.parse().unwrap(),
            actor_prefix: prefix.to_owned(),
            ..settings()
        };
        for (one, other, overlap) in [
            (with("user", ""), with("user", ""), true),
            (with("user", ""), with("staff", ""), false),
            (with("user", "a:"), with("user", "b:"), false),
            (with("user", "a:"), with("user", "a:"), true),
            // Somebody there may have the subject `a:1`.
            (with("user", ""), with("user", "a:"), true),
            (with("user", "a:"), with("user", "a:b:"), true),
        ] {
            assert_eq!((one.overlaps(&other), other.overlaps(&one)), (overlap, overlap), "{one:?} {other:?}");
        }
    }

    #[test]
    fn who_overlaps_on_purpose_does_not_clash() {
        let shared = ProviderSettings { shares_actors: true, ..settings() };
        assert!(settings().clashes(&settings()));
        assert!(!settings().clashes(&shared) && !shared.clashes(&settings()));
    }

    #[test]
    fn changes_are_told_by_name() {
        assert_eq!(settings().name_changes(&settings()), Vec::<&str>::new());
        let all = ProviderSettings {
            scopes: vec!["email".to_owned()],
            token_endpoint_auth_method: Some(AuthMethod::ClientSecretPost),
            trusted_audiences: vec!["b".to_owned()],
            redirect_uri: Some("https://a.example/auth/oidc/callback".to_owned()),
            email_domains: vec!["a.example".to_owned()],
            actor_type: "staff".parse().unwrap(),
            actor_claim: "email".to_owned(),
            actor_prefix: "a:".to_owned(),
            name_claim: Some("name".to_owned()),
            groups_claim: Some("groups".to_owned()),
            group_roles: vec!["a=b".parse().unwrap()],
            assurance: 1,
            shares_actors: true,
            ..ProviderSettings::new("Other", "https://other.example".parse().unwrap(), "other")
        };
        assert_eq!(all.name_changes(&settings()).len(), 16);
        assert_eq!(ProviderSettings { assurance: 2, ..all.clone() }.name_changes(&all), ["assurance"]);
    }
}
