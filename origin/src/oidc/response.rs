//! What the browser brings back from the provider (RFC 6749 §4.1.2, RFC 9207): in the query and nowhere else.

use sealgate_shared::secret::Secret32;
use url::form_urlencoded;

use super::Failure;

/// The longest query that is looked at.
const MAX_LENGTH: usize = 8 * 1_024;
/// The most that is written down of what a provider says is wrong.
const MAX_COMPLAINT: usize = 300;

/// What a provider may say is wrong (RFC 6749 §4.1.2.1, `OpenID` Connect Core 1.0 §3.1.2.6). Anything else is not repeated to
/// anybody: whoever writes the address chooses the words.
const ERRORS: [&str; 16] = [
    ACCESS_DENIED,
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_scope",
    "login_required",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
];
const ACCESS_DENIED: &str = "access_denied";

/// The answer to an authorization request.
pub(crate) struct AuthorizationResponse {
    pub(crate) state: Secret32,
    /// Who says that it is theirs.
    pub(crate) issuer: Option<String>,
    pub(crate) outcome: Result<String, ProviderError>,
    /// What the provider says of its error, for the log: whoever writes the address chooses the words.
    pub(crate) complaint: Option<String>,
}

/// What the provider answered in the place of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderError {
    Denied,
    /// The word, if it is one that is registered.
    Other(Option<&'static str>),
    /// It is no error, and there is no code.
    Nothing,
}

impl AuthorizationResponse {
    /// Reads a query. Parameters that nobody asked for are let be; none of ours may come twice (RFC 6749 §3.1).
    pub(crate) fn read(query: &str) -> Result<Self, Failure> {
        if query.len() > MAX_LENGTH {
            return Err(Failure::ResponseMalformed);
        }
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let find = |wanted: &str| {
            let mut found = pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_ref());
            match (found.next(), found.next()) {
                (first, None) => Ok(first),
                _ => Err(Failure::ResponseMalformed),
            }
        };
        let state = find("state")?.and_then(Secret32::from_base64url).ok_or(Failure::ResponseMalformed)?;
        let (issuer, error, code) = (find("iss")?, find("error")?, find("code")?);
        let outcome = match (error, code) {
            (Some(ACCESS_DENIED), _) => Err(ProviderError::Denied),
            (Some(error), _) => Err(ProviderError::Other(ERRORS.into_iter().find(|known| *known == error))),
            (None, Some(code)) if !code.is_empty() => Ok(code.to_owned()),
            (None, _) => Err(ProviderError::Nothing),
        };
        let complaint = error.map(|error| describe(error, find("error_description").ok().flatten()));
        Ok(Self { state, issuer: issuer.map(str::to_owned), outcome, complaint })
    }
}

/// The error and what is said of it, in characters that both may have (RFC 6749 §4.1.2.1), and no more than a line of it.
fn describe(error: &str, description: Option<&str>) -> String {
    let words = [Some(error), description].into_iter().flatten().collect::<Vec<_>>().join(": ");
    words.chars().filter(|char| matches!(char, ' '..='~')).take(MAX_COMPLAINT).collect()
}

impl ProviderError {
    /// The word, if it is one that is registered.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Other(word) => word,
            Self::Denied | Self::Nothing => None,
        }
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Denied => Self::Denied,
            ProviderError::Other(_) => Self::ProviderError,
            ProviderError::Nothing => Self::CodeMissing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn outcome(rest: &str) -> Result<Result<String, ProviderError>, Failure> {
        AuthorizationResponse::read(&format!("state={STATE}{rest}")).map(|response| response.outcome)
    }

    #[test]
    fn what_the_provider_complains_of_is_for_the_log() {
        let complaint = |rest: &str| AuthorizationResponse::read(&format!("state={STATE}{rest}")).unwrap().complaint;
        assert_eq!(complaint("&code=a&error_description=x"), None);
        assert_eq!(complaint("&error=app_not_assigned").as_deref(), Some("app_not_assigned"));
        let said = complaint("&error=invalid_scope&error_description=No%20such%0Ascope%1b%5B1m%C3%A9");
        assert_eq!(said.as_deref(), Some("invalid_scope: No suchscope[1m"));
        assert_eq!(complaint(&format!("&error={}", "a".repeat(1_000))).unwrap().len(), MAX_COMPLAINT);
    }

    #[test]
    fn a_code_or_an_error() {
        assert_eq!(outcome("&code=a%2Fb+c"), Ok(Ok("a/b c".to_owned())));
        assert_eq!(outcome("&code=a&scope=x&scope=y&session_state=z"), Ok(Ok("a".to_owned())));
        assert_eq!(outcome("&error=access_denied&code=a"), Ok(Err(ProviderError::Denied)));
        assert_eq!(outcome("&error=server_error"), Ok(Err(ProviderError::Other(Some("server_error")))));
        assert_eq!(outcome("&error=%3Cscript%3E"), Ok(Err(ProviderError::Other(None))));
        for none in ["", "&code=", "&code"] {
            assert_eq!(outcome(none), Ok(Err(ProviderError::Nothing)), "{none}");
        }
        for none in ["&error=", "&error"] {
            assert_eq!(outcome(none), Ok(Err(ProviderError::Other(None))), "{none}");
        }
    }

    #[test]
    fn nothing_twice_and_a_state_of_our_form() {
        for twice in ["&code=a&code=a", "&code=a&iss=b&iss=c", "&error=a&error=b", &format!("&state={STATE}")] {
            assert_eq!(outcome(twice), Err(Failure::ResponseMalformed), "{twice}");
        }
        for query in [
            "",
            "code=a",
            "state=&code=a",
            "state=x&code=a",
            &format!("state={STATE}%3D"),
            &format!("state={}B", &STATE[1..]),
            &format!("state={STATE}&code={}", "a".repeat(MAX_LENGTH)),
        ] {
            assert_eq!(AuthorizationResponse::read(query).err(), Some(Failure::ResponseMalformed), "{query}");
        }
    }
}
