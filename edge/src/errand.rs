//! What the door may have to ask the origin.

mod outcome;

use core::fmt;
use core::str::FromStr;

pub(crate) use outcome::find_reject;
pub use outcome::{Keep, Outcome};
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::revocation::Position;
use sealgate_shared::time::UnixMillis;
use serde::Serialize;

use crate::settings::{FeedCache, Settings};

/// The header in which an edge proves to the origin who it is.
pub const CREDENTIAL_HEADER: &str = "x-sealgate-edge";

/// The header with what must come back inside a head.
pub const CHALLENGE_HEADER: &str = "x-sealgate-challenge";

/// The header in which an edge says up to where it knows of revocations.
pub const POSITION_HEADER: &str = "x-sealgate-position";

/// The header with what an edge has counted.
pub const REPORT_HEADER: &str = "x-sealgate-report";

/// The header that names which header of the request the client's address is from.
pub const CLIENT_SOURCE_HEADER: &str = "x-sealgate-client-ip-source";

/// A question for the origin. Asking twice does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// The keys of this edge's tenants.
    Keyring,
    /// The last entries of the feed.
    Head {
        /// From the origin itself; otherwise a shared cache may answer.
        is_direct: bool,
    },
    /// All entries of the feed up to a position.
    Snapshot(Position),
    /// Whether a session is revoked.
    Check {
        /// The session's tenant.
        tenant: TenantId,
        /// The session.
        session: SessionId,
        /// When the token in question expires: a revocation is remembered until then.
        expires_at: UnixMillis,
    },
    /// New tokens for a refresh token.
    Refresh {
        /// The tenant of the request that came with it.
        tenant: TenantId,
        /// The refresh token.
        token: String,
    },
}

/// A request to the origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The method.
    pub method: &'static str,
    /// The URL.
    pub url: String,
    /// Headers, the edge's credential among them.
    pub headers: Vec<(&'static str, String)>,
    /// A JSON body.
    pub body: Option<String>,
    /// Whether a cache that others share may answer.
    pub is_shared: bool,
}

/// When a question was asked, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// When it was sent; or, if a cache answered, when what it answered with was made.
    pub at: UnixMillis,
    /// What was sent along to come back in the answer.
    pub challenge: &'a str,
}

/// What a question depends on but its errand.
#[derive(Clone, Debug, Default)]
pub struct Held<'a> {
    /// The version of the keyring that is held.
    pub ring: Option<u64>,
    /// Up to where revocations are known.
    pub position: Option<Position>,
    /// What is to come back in a head.
    pub challenge: &'a str,
    /// What was counted; empty for nothing.
    pub report: String,
    /// Who brought a refresh token.
    pub client: Client<'a>,
}

/// What the origin may want to know of whoever brought a refresh token: it tells devices apart. Empty where unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<'a> {
    /// The `User-Agent` header.
    pub user_agent: &'a str,
    /// The address, as the runtime has it.
    pub ip: &'a str,
}

#[derive(Serialize)]
struct CheckBody<'q> {
    exact: bool,
    session: &'q SessionId,
    tenant: &'q TenantId,
}

#[derive(Serialize)]
struct RefreshBody<'q> {
    #[serde(skip_serializing_if = "str::is_empty")]
    ip: &'q str,
    refresh_token: &'q str,
    tenant: &'q TenantId,
    #[serde(skip_serializing_if = "str::is_empty")]
    user_agent: &'q str,
}

/// Below this many milliseconds that an answer may be used, the origin is asked to look at the session's row: its
/// memory may be up to a second old.
const EXACT_BELOW_MS: u64 = 1_000;

impl Errand {
    /// The request that asks the question. The origin is shown what is held: it answers that there is nothing newer, or
    /// learns that its database is older than what we have seen of it.
    pub fn question(&self, settings: &Settings, held: Held<'_>) -> Question {
        let mut headers = vec![(CREDENTIAL_HEADER, settings.secret.credential(&settings.edge))];
        let mut body = None;
        let path = match self {
            Self::Keyring => {
                headers.extend(held.ring.map(|version| ("if-none-match", format!("\"{version}\""))));
                "/internal/keyring".to_owned()
            }
            Self::Head { is_direct } => {
                if *is_direct {
                    headers.push((CHALLENGE_HEADER, held.challenge.to_owned()));
                    headers.extend(held.position.map(|position| (POSITION_HEADER, position.to_string())));
                    headers.extend(Some(held.report).filter(|text| !text.is_empty()).map(|text| (REPORT_HEADER, text)));
                }
                format!("{}/head", settings.feed_path())
            }
            Self::Snapshot(Position { epoch, sequence }) => {
                format!("{}/snapshot/{epoch}/{sequence}", settings.feed_path())
            }
            Self::Check { tenant, session, .. } => {
                let exact = settings.check_cache_ms < EXACT_BELOW_MS;
                body = Some(json(&CheckBody { exact, session, tenant }));
                "/internal/check".to_owned()
            }
            Self::Refresh { tenant, token } => {
                let Client { user_agent, ip } = held.client;
                let ip = settings.client_address.header().map_or("", |_| ip);
                body = Some(json(&RefreshBody { ip, refresh_token: token, tenant, user_agent }));
                "/internal/refresh".to_owned()
            }
        };
        headers.extend(body.is_some().then(|| ("content-type", "application/json".to_owned())));
        Question {
            method: if body.is_some() { "POST" } else { "GET" },
            url: format!("{}{path}", settings.origin_private),
            headers,
            body,
            is_shared: self.is_shared(settings),
        }
    }

    fn is_shared(&self, settings: &Settings) -> bool {
        match self {
            Self::Head { is_direct } => !is_direct,
            Self::Snapshot(_) => settings.feed_cache == FeedCache::OneSecond,
            Self::Keyring | Self::Check { .. } | Self::Refresh { .. } => false,
        }
    }

    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Keyring => Kind::Keyring,
            Self::Head { .. } => Kind::Head,
            Self::Snapshot(_) => Kind::Snapshot,
            Self::Check { .. } => Kind::Check,
            Self::Refresh { .. } => Kind::Refresh,
        }
    }
}

/// Writing texts to memory does not fail.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().as_str())?;
        match self {
            Self::Keyring => Ok(()),
            Self::Head { is_direct } => f.write_str(if *is_direct { " direct" } else { " shared" }),
            Self::Snapshot(position) => write!(f, " {position}"),
            Self::Check { tenant, session, expires_at } => write!(f, " {tenant} {session} {expires_at}"),
            Self::Refresh { tenant, token } => write!(f, " {tenant} {token}"),
        }
    }
}

/// Reads what [`Errand`]'s `Display` wrote.
impl FromStr for Errand {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(' ');
        let kind = words.next().and_then(Kind::from_str).ok_or(())?;
        match (kind, words.next(), words.next(), words.next(), words.next()) {
            (Kind::Keyring, None, ..) => Ok(Self::Keyring),
            (Kind::Head, Some("direct"), None, ..) => Ok(Self::Head { is_direct: true }),
            (Kind::Head, Some("shared"), None, ..) => Ok(Self::Head { is_direct: false }),
            (Kind::Snapshot, Some(position), None, ..) => position.parse().map(Self::Snapshot).map_err(|_| ()),
            (Kind::Check, Some(tenant), Some(session), Some(expires_at), None) => Ok(Self::Check {
                tenant: tenant.parse().map_err(|_| ())?,
                session: session.parse().map_err(|_| ())?,
                expires_at: expires_at.parse().ok().and_then(UnixMillis::new).ok_or(())?,
            }),
            (Kind::Refresh, Some(tenant), Some(token), None, _) => {
                Ok(Self::Refresh { tenant: tenant.parse().map_err(|_| ())?, token: token.to_owned() })
            }
            _ => Err(()),
        }
    }
}

/// The kinds of errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Errand::Keyring`].
    Keyring,
    /// [`Errand::Head`].
    Head,
    /// [`Errand::Snapshot`].
    Snapshot,
    /// [`Errand::Check`].
    Check,
    /// [`Errand::Refresh`].
    Refresh,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Keyring, Self::Head, Self::Snapshot, Self::Check, Self::Refresh];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Head => "head",
            Self::Snapshot => "snapshot",
            Self::Check => "check",
            Self::Refresh => "refresh",
        }
    }

    fn from_str(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests;
