//! How errands end, in the words in which the gate tells the entry module and is told by it.

use core::fmt;

use sealgate_shared::id::SessionId;
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;

use super::Kind;

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
    pub(super) const ALL: [Self; 5] =
        [Self::Not, Self::Too, Self::InPlaceOfLast, Self::InPlaceOfOthers, Self::BeforeLast];

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
    /// There are new tokens, and the request has them now.
    Refreshed,
    /// The origin gives none for the refresh token.
    Refused(Reject),
    /// The origin gave no answer that could be used to a question of that kind.
    Failed(Kind),
}

/// The reason of that label.
pub(crate) fn find_reject(label: &str) -> Option<Reject> {
    Reject::ALL.into_iter().find(|reject| reject.label() == label)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("keyring"),
            Self::Feed(keep) => write!(f, "feed {}", keep.as_str()),
            Self::More => f.write_str("more"),
            Self::Live(session, asked_at) => write!(f, "live {session} {asked_at}"),
            Self::Revoked(session) => write!(f, "revoked {session}"),
            Self::Refreshed => f.write_str("refreshed"),
            Self::Refused(reject) => write!(f, "refused {}", reject.label()),
            Self::Failed(kind) => write!(f, "failed {}", kind.as_str()),
        }
    }
}

impl Outcome {
    /// Reads what `Display` wrote. Nothing at all means that no errand was run, and so does what cannot be read: the
    /// errand is named again, and the entry module has a limit.
    pub fn parse(text: &str) -> Option<Self> {
        // Behind the first line are the new tokens, which are for the entry module.
        let mut words = text.split('\n').next()?.split(' ');
        match (words.next()?, words.next(), words.next(), words.next()) {
            ("keyring", None, ..) => Some(Self::Keyring),
            ("more", None, ..) => Some(Self::More),
            ("refreshed", None, ..) => Some(Self::Refreshed),
            ("refused", Some(label), None, _) => find_reject(label).map(Self::Refused),
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
