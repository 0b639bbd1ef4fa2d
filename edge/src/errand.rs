//! What the door may have to ask the origin.

use core::fmt;
use core::str::FromStr;

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
}

#[derive(Serialize)]
struct CheckBody<'q> {
    exact: bool,
    session: &'q SessionId,
    tenant: &'q TenantId,
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
                // Writing two ids to memory does not fail.
                body = Some(serde_json::to_string(&CheckBody { exact, session, tenant }).unwrap_or_default());
                headers.push(("content-type", "application/json".to_owned()));
                "/internal/check".to_owned()
            }
        };
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
            Self::Keyring | Self::Check { .. } => false,
        }
    }

    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Keyring => Kind::Keyring,
            Self::Head { .. } => Kind::Head,
            Self::Snapshot(_) => Kind::Snapshot,
            Self::Check { .. } => Kind::Check,
        }
    }
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().as_str())?;
        match self {
            Self::Keyring => Ok(()),
            Self::Head { is_direct } => f.write_str(if *is_direct { " direct" } else { " shared" }),
            Self::Snapshot(position) => write!(f, " {position}"),
            Self::Check { tenant, session, expires_at } => write!(f, " {tenant} {session} {expires_at}"),
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
}

impl Kind {
    const ALL: [Self; 4] = [Self::Keyring, Self::Head, Self::Snapshot, Self::Check];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Head => "head",
            Self::Snapshot => "snapshot",
            Self::Check => "check",
        }
    }

    fn from_str(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How the entry module has to keep a document that was taken, for the case that we lose our memory. It hands all of
/// them back in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Not at all: nothing was in it that was not known.
    Not,
    /// After those that it keeps.
    Too,
    /// Instead of the last.
    InPlaceOfLast,
    /// Before the last, and instead of all before it.
    InPlaceOfOthers,
    /// Before the last, and after all before it.
    BeforeLast,
}

impl Keep {
    const ALL: [Self; 5] = [Self::Not, Self::Too, Self::InPlaceOfLast, Self::InPlaceOfOthers, Self::BeforeLast];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Not => "not",
            Self::Too => "too",
            Self::InPlaceOfLast => "in_place_of_last",
            Self::InPlaceOfOthers => "in_place_of_others",
            Self::BeforeLast => "before_last",
        }
    }
}

/// How an errand ended, as the gate is told when it is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The keyring is up to date.
    Keyring,
    /// A document of the feed is in.
    Feed(Keep),
    /// A piece of a document is in, and the next is waited for.
    More,
    /// The session was live at that moment.
    Live(SessionId, UnixMillis),
    /// The session is revoked.
    Revoked(SessionId),
    /// The origin gave no answer that could be used to a question of that kind.
    Failed(Kind),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("keyring"),
            Self::Feed(keep) => write!(f, "feed {}", keep.as_str()),
            Self::More => f.write_str("more"),
            Self::Live(session, asked_at) => write!(f, "live {session} {asked_at}"),
            Self::Revoked(session) => write!(f, "revoked {session}"),
            Self::Failed(kind) => write!(f, "failed {}", kind.as_str()),
        }
    }
}

impl Outcome {
    /// Reads what `Display` wrote. Nothing at all means that no errand was run, and so does what cannot be read: the
    /// errand is named again, and the entry module has a limit.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        match (words.next()?, words.next(), words.next(), words.next()) {
            ("keyring", None, ..) => Some(Self::Keyring),
            ("more", None, ..) => Some(Self::More),
            ("feed", Some(keep), None, _) => Keep::ALL.into_iter().find(|known| known.as_str() == keep).map(Self::Feed),
            ("failed", Some(kind), None, _) => Kind::from_str(kind).map(Self::Failed),
            ("revoked", Some(session), None, _) => session.parse().ok().map(Self::Revoked),
            ("live", Some(session), Some(asked_at), None) => {
                Some(Self::Live(session.parse().ok()?, asked_at.parse().ok().and_then(UnixMillis::new)?))
            }
            _ => None,
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
        let position = Position { epoch: 2, sequence: 7 };
        let heads = [true, false].map(|is_direct| Errand::Head { is_direct });
        for errand in heads.into_iter().chain([Errand::Keyring, Errand::Snapshot(position), check]) {
            assert_eq!(errand.to_string().parse(), Ok(errand));
        }
        for text in [
            "",
            "keyring x",
            "head",
            "head x",
            "head direct x",
            "snapshot",
            "snapshot 1",
            "snapshot 1.2 3",
            "check demo",
            "check demo ses-x 1",
            "check demo x 1 2",
            "other",
        ] {
            assert_eq!(text.parse::<Errand>(), Err(()), "{text}");
        }
    }

    #[test]
    fn outcomes_go_there_and_back_and_nonsense_is_none() {
        let asked_at = UnixMillis::new(17).unwrap();
        let others =
            [Outcome::Keyring, Outcome::More, Outcome::Live(SESSION, asked_at), Outcome::Revoked(SESSION)].into_iter();
        for outcome in others.chain(Keep::ALL.map(Outcome::Feed)).chain(Kind::ALL.map(Outcome::Failed)) {
            assert_eq!(Outcome::parse(&outcome.to_string()), Some(outcome));
        }
        for text in
            ["", "live", "live x 1", "keyring 1", "yes", "failed", "failed x", "feed", "feed x", "failed check x"]
        {
            assert_eq!(Outcome::parse(text), None, "{text}");
        }
    }

    fn header<'q>(question: &'q Question, name: &str) -> Option<&'q str> {
        question.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn questions_carry_the_credential_and_never_the_secret() {
        let settings = Settings::parse(JSON, &secret(), "").unwrap();
        let question = Errand::Keyring.question(&settings, Held::default());
        assert_eq!((question.method, question.url.as_str()), ("GET", "http://127.0.0.1:2/internal/keyring"));
        assert!(header(&question, CREDENTIAL_HEADER).unwrap().starts_with("dev."));
        assert!(!format!("{question:?}").contains(&secret()));
    }

    #[test]
    fn the_origin_is_told_which_keyring_is_held_and_how_exact_an_answer_must_be() {
        let mut settings = Settings::parse(JSON, &secret(), "").unwrap();
        let held = || Held { ring: Some(7), ..Held::default() };
        assert_eq!(header(&Errand::Keyring.question(&settings, Held::default()), "if-none-match"), None);
        assert_eq!(header(&Errand::Keyring.question(&settings, held()), "if-none-match"), Some("\"7\""));
        let expires_at = UnixMillis::new(99).unwrap();
        let check = Errand::Check { tenant: "demo".parse().unwrap(), session: SESSION, expires_at };
        for (check_cache_ms, exact) in [(0, true), (999, true), (1_000, false), (5_000, false)] {
            settings.check_cache_ms = check_cache_ms;
            let question = check.question(&settings, held());
            assert_eq!((question.method, header(&question, "if-none-match")), ("POST", None));
            assert!(question.body.unwrap().contains(&format!("\"exact\":{exact}")), "{check_cache_ms}");
        }
    }

    #[test]
    fn a_head_is_asked_for_with_all_that_concerns_us_alone_or_with_nothing_of_it() {
        let mut settings = Settings::parse(JSON, &secret(), "").unwrap();
        settings.feed_cache = FeedCache::OneSecond;
        let position = Some(Position { epoch: 3, sequence: 9 });
        let held = || Held { ring: Some(7), position, challenge: "c-1", report: "feed.ok=1".to_owned() };
        let url = format!("http://127.0.0.1:2/internal/feed/dev/{}", settings.secret.seal_id());
        let direct = Errand::Head { is_direct: true }.question(&settings, held());
        assert_eq!((direct.url, direct.is_shared), (format!("{url}/head"), false));
        let direct = Errand::Head { is_direct: true }.question(&settings, held());
        for (name, value) in [(CHALLENGE_HEADER, "c-1"), (POSITION_HEADER, "3.9"), (REPORT_HEADER, "feed.ok=1")] {
            assert_eq!(header(&direct, name), Some(value));
        }
        let shared = Errand::Head { is_direct: false }.question(&settings, held());
        assert_eq!((shared.headers.len(), shared.is_shared), (1, true), "the credential alone: all ask the same");
        let snapshot = Errand::Snapshot(Position { epoch: 3, sequence: 4 }).question(&settings, held());
        assert_eq!((snapshot.url, snapshot.is_shared), (format!("{url}/snapshot/3/4"), true));
    }
}
