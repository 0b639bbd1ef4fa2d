//! Trying a provider: what works, and what does not, in words for whoever sets it up.

use std::iter;

use openidconnect::core::{CoreClientAuthMethod, CoreJsonWebKeySet, CoreResponseType};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm};

use super::fetch::{fetch_keys, fetch_metadata};
use super::{ALLOWED_ALGORITHMS, DirectoryError, Metadata, Provider, ProviderSettings};
use crate::outbound::Outbound;

/// Something that was found out about a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeFinding {
    pub verdict: Verdict,
    /// A stable word for what was looked at.
    pub check: &'static str,
    /// What was found.
    pub message: String,
}

/// What it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Good,
    /// People can sign in; something else is missing.
    Notice,
    /// Nobody can sign in.
    Bad,
}

impl Verdict {
    /// The word in the API and the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Notice => "notice",
            Self::Bad => "bad",
        }
    }
}

impl Provider {
    /// Asks the provider, past everything that is remembered of it. Nobody's password or secret is needed for that, so whether
    /// the provider knows the client is not found out.
    pub async fn probe(&self, outbound: &Outbound) -> Vec<ProbeFinding> {
        let settings = &self.settings;
        let claims = judge_claims(settings);
        let metadata = match fetch_metadata(outbound, &settings.issuer).await {
            Ok(metadata) => metadata,
            Err(error) => return iter::once(bad("discovery", describe(&error))).chain(claims).collect(),
        };
        let keys = match fetch_keys(outbound, &metadata).await {
            Ok(keys) => judge_keys(&keys),
            Err(error) => bad("keys", error.to_string()),
        };
        let mut found = vec![
            good("discovery", format!("{} describes itself", settings.issuer)),
            keys,
            judge_algorithms(&metadata),
            judge_flow(&metadata),
            judge_pkce(&metadata),
            judge_client(&metadata, self.secret.is_some()),
            judge_scopes(&metadata, settings),
        ];
        found.extend(claims);
        found.extend(judge_auth_time(&metadata));
        found.extend(judge_callback(&metadata, settings));
        found.push(judge_logout(&metadata));
        found
    }
}

fn good(check: &'static str, message: impl Into<String>) -> ProbeFinding {
    ProbeFinding { verdict: Verdict::Good, check, message: message.into() }
}

fn notice(check: &'static str, message: impl Into<String>) -> ProbeFinding {
    ProbeFinding { verdict: Verdict::Notice, check, message: message.into() }
}

fn bad(check: &'static str, message: impl Into<String>) -> ProbeFinding {
    ProbeFinding { verdict: Verdict::Bad, check, message: message.into() }
}

/// Why a provider's description of itself cannot be read, and what may be done about it.
fn describe(error: &DirectoryError) -> String {
    match error {
        DirectoryError::Status { status: 404, .. } => {
            format!("{error}: is the issuer written as the provider writes it, with its path?")
        }
        DirectoryError::Status { status: 300..=399, .. } => {
            format!("{error}, which sends us elsewhere: give the issuer as it is there")
        }
        _ => error.to_string(),
    }
}

fn judge_keys(keys: &CoreJsonWebKeySet) -> ProbeFinding {
    let usable = keys.keys().iter().filter(|key| match key.signing_alg() {
        JsonWebKeyAlgorithm::Algorithm(algorithm) => ALLOWED_ALGORITHMS.contains(algorithm),
        JsonWebKeyAlgorithm::Unspecified => true,
        JsonWebKeyAlgorithm::Unsupported => false,
    });
    match usable.count() {
        0 => bad("keys", "there is no key that could verify a signature (RSA from 2,048 bits, P-256, P-384, Ed25519)"),
        1 => good("keys", "there is 1 key"),
        count => good("keys", format!("there are {count} keys")),
    }
}

fn judge_algorithms(metadata: &Metadata) -> ProbeFinding {
    let offered = metadata.id_token_signing_alg_values_supported();
    if offered.iter().any(|algorithm| ALLOWED_ALGORITHMS.contains(algorithm)) {
        good("algorithms", "ID tokens are signed by an algorithm that is accepted")
    } else {
        bad(
            "algorithms",
            "ID tokens are signed by none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA",
        )
    }
}

fn judge_flow(metadata: &Metadata) -> ProbeFinding {
    let is_code = |types: &Vec<CoreResponseType>| matches!(types.as_slice(), [CoreResponseType::Code]);
    if metadata.response_types_supported().iter().any(|types| is_code(&types.to_vec())) {
        good("flow", "the authorization code flow is there")
    } else {
        bad("flow", "the authorization code flow is not among response_types_supported (code)")
    }
}

fn judge_pkce(metadata: &Metadata) -> ProbeFinding {
    match &metadata.additional_metadata().code_challenge_methods_supported {
        Some(methods) if methods.iter().any(|method| method == "S256") => good("pkce", "PKCE with S256 is there"),
        Some(_) => bad("pkce", "PKCE is there, but not with S256, which is the one we use"),
        None => {
            notice("pkce", "nothing is said of PKCE: a provider that ignores it works, one that refuses it does not")
        }
    }
}

/// Whether the client can show its secret. Of clients without one many a provider says nothing and takes them all the same
/// (Keycloak, Entra), so that their absence is no proof.
fn judge_client(metadata: &Metadata, has_secret: bool) -> ProbeFinding {
    const CHECK: &str = "client_authentication";
    let Some(methods) = metadata.token_endpoint_auth_methods_supported() else {
        return good(CHECK, "nothing is said of how clients show their secret: client_secret_basic, then");
    };
    let offers = |method| methods.contains(&method);
    let takes_secret =
        offers(CoreClientAuthMethod::ClientSecretBasic) || offers(CoreClientAuthMethod::ClientSecretPost);
    match (has_secret, takes_secret) {
        (true, true) => good(CHECK, "the client can show its secret"),
        (true, false) => bad(
            CHECK,
            "token_endpoint_auth_methods_supported has neither client_secret_basic nor client_secret_post, the ways in which \
             we show the secret",
        ),
        (false, _) if offers(CoreClientAuthMethod::None) => good(CHECK, "clients without a secret are taken"),
        (false, _) => notice(
            CHECK,
            "token_endpoint_auth_methods_supported has no none: some providers take clients without a secret all the same, \
             others refuse the code",
        ),
    }
}

fn judge_scopes(metadata: &Metadata, settings: &ProviderSettings) -> ProbeFinding {
    let Some(offered) = metadata.scopes_supported() else { return good("scopes", "nothing is said of scopes") };
    let missing: Vec<&str> = settings.scopes.iter().map(String::as_str).collect();
    let missing: Vec<&str> =
        missing.into_iter().filter(|scope| !offered.iter().any(|known| known.as_str() == *scope)).collect();
    if missing.is_empty() {
        good("scopes", "the scopes asked for are there")
    } else {
        notice("scopes", format!("not among scopes_supported: {}", missing.join(" ")))
    }
}

/// The scope by which a claim comes, of those that have one (`OpenID` Connect Core 1.0 §5.4).
fn scope_of(claim: &str) -> Option<&'static str> {
    match claim {
        "email" | "email_verified" => Some("email"),
        "name" | "family_name" | "given_name" | "middle_name" | "nickname" | "preferred_username" | "profile"
        | "picture" | "website" | "gender" | "birthdate" | "zoneinfo" | "locale" | "updated_at" => Some("profile"),
        "phone_number" | "phone_number_verified" => Some("phone"),
        "address" => Some("address"),
        _ => None,
    }
}

/// Claims that do not come because nobody asks for them: nothing of this needs the provider.
fn judge_claims(settings: &ProviderSettings) -> Vec<ProbeFinding> {
    const CHECK: &str = "claims";
    let asked = |scope: &str| settings.scopes.iter().any(|asked| asked == scope);
    let mut found = Vec::new();
    let email =
        [("email_domains", !settings.email_domains.is_empty()), ("actor_claim", settings.actor_claim == "email")];
    for (setting, _) in email.iter().filter(|(_, needs)| *needs && !asked("email")) {
        let message =
            format!("{setting} needs the e-mail address, and the scope email is not asked for: nobody gets in");
        found.push(bad(CHECK, message));
    }
    let claims = [
        ("actor_claim", Some(&settings.actor_claim)),
        ("name_claim", settings.name_claim.as_ref()),
        ("groups_claim", settings.groups_claim.as_ref()),
    ];
    for (setting, claim) in claims.into_iter().filter_map(|(setting, claim)| Some((setting, claim?))) {
        let is_said = setting == "actor_claim" && claim == "email";
        if let Some(scope) = scope_of(claim).filter(|scope| !asked(scope) && !is_said) {
            let message = format!("{setting}: {claim} usually comes with the scope {scope}, which is not asked for");
            found.push(notice(CHECK, message));
        }
    }
    found
}

/// Whether it can be told how long ago somebody signed in, if the provider says what can be told of people.
fn judge_auth_time(metadata: &Metadata) -> Option<ProbeFinding> {
    let told = metadata.claims_supported()?;
    let is_told = told.iter().any(|claim| claim.as_str() == "auth_time");
    (!is_told).then(|| {
        notice(
            "auth_time",
            "auth_time is not among claims_supported: without it nobody gets to routes that are fresh, which want a recent \
             sign-in",
        )
    })
}

/// Answers that could be any provider's are taken from those alone that say whose they are (RFC 9207).
fn judge_callback(metadata: &Metadata, settings: &ProviderSettings) -> Option<ProbeFinding> {
    let names_itself = metadata.additional_metadata().authorization_response_iss_parameter_supported == Some(true);
    (settings.shares_callback() && !names_itself).then(|| {
        bad(
            "redirect_uri",
            "the provider does not say that it names itself in its answers (authorization_response_iss_parameter_supported), \
             and at /auth/oidc/callback no other is believed: leave the redirect URI out, or give its own callback",
        )
    })
}

fn judge_logout(metadata: &Metadata) -> ProbeFinding {
    let more = metadata.additional_metadata();
    match (more.backchannel_logout_supported, more.backchannel_logout_session_supported) {
        (Some(true), Some(true)) => good("back_channel_logout", "back-channel logout is there, with session ids"),
        (Some(true), _) => good(
            "back_channel_logout",
            "back-channel logout is there; without session ids it ends all of a person's sessions",
        ),
        _ => notice(
            "back_channel_logout",
            "nothing is said of back-channel logout: who signs out at the provider stays signed in here",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_nobody_asks_for_is_missed() {
        let usual = || ProviderSettings::new("Login", "https://login.example".parse().unwrap(), "shop");
        let text = |text: &str| Some(text.to_owned());
        let domains = ProviderSettings { email_domains: vec!["shop.example".to_owned()], ..usual() };
        let email = ProviderSettings { actor_claim: "email".to_owned(), ..usual() };
        let named = ProviderSettings { name_claim: text("name"), ..usual() };
        for (settings, scope, expected) in [
            (domains, "email", Verdict::Bad),
            (email, "email", Verdict::Bad),
            (named, "profile", Verdict::Notice),
            (ProviderSettings { name_claim: text("email"), ..usual() }, "email", Verdict::Notice),
            (ProviderSettings { actor_claim: "preferred_username".to_owned(), ..usual() }, "profile", Verdict::Notice),
        ] {
            let found = judge_claims(&settings);
            let verdicts: Vec<Verdict> = found.iter().map(|finding| finding.verdict).collect();
            assert_eq!(verdicts, [expected], "{found:?}");
            assert!(found[0].message.contains(&format!("the scope {scope}")), "{found:?}");
            let asking = ProviderSettings { scopes: vec!["openid".to_owned(), scope.to_owned()], ..settings };
            assert_eq!(judge_claims(&asking), []);
        }
        // Where a provider has groups, or what it calls its own claims, is nobody's guess.
        let own = ProviderSettings { groups_claim: text("groups"), name_claim: text("https://x/name"), ..usual() };
        assert_eq!(judge_claims(&own), []);
        assert_eq!(judge_claims(&usual()), []);
    }
}
