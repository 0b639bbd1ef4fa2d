//! What the door may have to ask the origin.

use core::fmt;
use core::str::FromStr;

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;

use crate::settings::Settings;

/// The header in which an edge proves to the origin who it is.
pub const CREDENTIAL_HEADER: &str = "x-sealgate-edge";

/// A question for the origin. Asking twice does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// The keys of this edge's tenants.
    Keyring,
    /// Whether a session is revoked.
    Check {
        /// The session's tenant.
        tenant: TenantId,
        /// The session.
        session: SessionId,
        /// When the token in question expires: a revocation is remembered until then.
        expires_at: UnixMillis,
    },
}

/// A request to the origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The method.
    pub method: &'static str,
    /// The URL.
    pub url: String,
    /// The edge's credential, for [`CREDENTIAL_HEADER`].
    pub credential: String,
    /// A JSON body.
    pub body: Option<String>,
    /// What is held already, for `If-None-Match` (RFC 9110 §13.1.2).
    pub held: Option<String>,
}

/// Below this many milliseconds that an answer may be used, the origin is asked to look at the session's row: its
/// memory may be up to a second old.
const EXACT_BELOW_MS: u64 = 1_000;

impl Errand {
    /// The request that asks the question. `ring` is the version of the keyring that is held: the origin answers that
    /// there is no newer one, or learns that its database is older than what we have seen of it.
    pub fn question(&self, settings: &Settings, ring: Option<u64>) -> Question {
        let held = ring.filter(|_| matches!(self, Self::Keyring)).map(|version| format!("\"{version}\""));
        let (method, path, body) = match self {
            Self::Keyring => ("GET", "/internal/keyring", None),
            Self::Check { tenant, session, .. } => {
                let exact = settings.check_cache_ms < EXACT_BELOW_MS;
                let body = serde_json::json!({ "tenant": tenant, "session": session, "exact": exact });
                ("POST", "/internal/check", Some(body.to_string()))
            }
        };
        let url = format!("{}{path}", settings.origin_private);
        Question { method, url, credential: settings.secret.credential(&settings.edge), body, held }
    }
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("keyring"),
            Self::Check { tenant, session, expires_at } => write!(f, "check {tenant} {session} {expires_at}"),
        }
    }
}

/// Reads what [`Errand`]'s `Display` wrote.
impl FromStr for Errand {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(' ');
        match (words.next(), words.next(), words.next(), words.next(), words.next()) {
            (Some("keyring"), None, ..) => Ok(Self::Keyring),
            (Some("check"), Some(tenant), Some(session), Some(expires_at), None) => Ok(Self::Check {
                tenant: tenant.parse().map_err(|_| ())?,
                session: session.parse().map_err(|_| ())?,
                expires_at: expires_at.parse().ok().and_then(UnixMillis::new).ok_or(())?,
            }),
            _ => Err(()),
        }
    }
}

/// How an errand ended, as the gate is told when it is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The keyring is up to date.
    Keyring,
    /// The session was live when the question was sent at that moment.
    Live(SessionId, UnixMillis),
    /// The session is revoked.
    Revoked(SessionId),
    /// The origin gave no answer that could be used.
    Failed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("keyring"),
            Self::Live(session, asked_at) => write!(f, "live {session} {asked_at}"),
            Self::Revoked(session) => write!(f, "revoked {session}"),
            Self::Failed => f.write_str("failed"),
        }
    }
}

impl Outcome {
    /// Reads what `Display` wrote. Nothing at all means that no errand was run; anything else that cannot
    /// be read counts as a failure.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        match (words.next(), words.next().map(str::parse), words.next().map(str::parse)) {
            (Some("") | None, None, None) => None,
            (Some("keyring"), None, None) => Some(Self::Keyring),
            (Some("revoked"), Some(Ok(session)), None) => Some(Self::Revoked(session)),
            (Some("live"), Some(Ok(session)), Some(Ok(asked_at))) => {
                Some(UnixMillis::new(asked_at).map_or(Self::Failed, |asked_at| Self::Live(session, asked_at)))
            }
            _ => Some(Self::Failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::{JSON, secret};

    const SESSION: SessionId = SessionId::new([9; 16]);

    #[test]
    fn errands_go_there_and_back() {
        let check = Errand::Check {
            tenant: "demo".parse().unwrap(),
            session: SESSION,
            expires_at: UnixMillis::new(1_700_000_000_000).unwrap(),
        };
        for errand in [Errand::Keyring, check] {
            assert_eq!(errand.to_string().parse(), Ok(errand));
        }
        for text in ["", "keyring x", "check demo", "check demo ses-x 1", "check demo x 1 2", "other"] {
            assert_eq!(text.parse::<Errand>(), Err(()), "{text}");
        }
    }

    #[test]
    fn outcomes_go_there_and_back_and_nonsense_is_a_failure() {
        let asked_at = UnixMillis::new(17).unwrap();
        for outcome in [Outcome::Keyring, Outcome::Live(SESSION, asked_at), Outcome::Revoked(SESSION), Outcome::Failed]
        {
            assert_eq!(Outcome::parse(&outcome.to_string()), Some(outcome));
        }
        assert_eq!(Outcome::parse(""), None);
        for text in ["live", "live x 1", "keyring 1", "yes"] {
            assert_eq!(Outcome::parse(text), Some(Outcome::Failed), "{text}");
        }
    }

    #[test]
    fn questions_carry_the_credential_and_never_the_secret() {
        let settings = Settings::parse(JSON, &secret()).unwrap();
        let question = Errand::Keyring.question(&settings, None);
        assert_eq!((question.method, question.url.as_str()), ("GET", "http://127.0.0.1:2/internal/keyring"));
        assert!(question.credential.starts_with("dev."));
        assert!(!question.credential.contains(&secret()));
    }

    #[test]
    fn the_origin_is_told_which_keyring_is_held_and_how_exact_an_answer_must_be() {
        let mut settings = Settings::parse(JSON, &secret()).unwrap();
        assert_eq!(Errand::Keyring.question(&settings, None).held, None);
        assert_eq!(Errand::Keyring.question(&settings, Some(7)).held.as_deref(), Some("\"7\""));
        let expires_at = UnixMillis::new(99).unwrap();
        let check = Errand::Check { tenant: "demo".parse().unwrap(), session: SESSION, expires_at };
        for (check_cache_ms, exact) in [(0, true), (999, true), (1_000, false), (5_000, false)] {
            settings.check_cache_ms = check_cache_ms;
            let question = check.question(&settings, Some(7));
            assert_eq!(question.held, None);
            assert!(question.body.unwrap().contains(&format!("\"exact\":{exact}")), "{check_cache_ms}");
        }
    }
}
