//! All that an edge counts.

use core::fmt;

use crate::reject::Reject;

/// Something that an edge counts. Named `<group>.<label>`; a name never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Requests that were let through.
    Forward(Forwarded),
    /// Requests that were refused.
    Refuse(Refused),
    /// Decisions about a session, by the age of what was known of revocations.
    Age(Age),
    /// Heads of the feed that were asked for.
    Feed(Feed),
    /// Snapshots that were asked for.
    Snapshot(Outcome),
    /// Keyrings that were asked for; that nothing had changed is an answer, too.
    Keyring(Outcome),
    /// Sessions that the origin was asked about.
    Check(Outcome),
    /// Refresh tokens that the origin was shown behind a request.
    Refresh(Refresh),
    /// Decisions about a session while what was known of revocations was too old, by what the route wants then.
    Stale(Stale),
    /// `Set-Cookie` lines of an application that would have set a cookie of ours, and were dropped.
    DroppedCookie,
}

/// A kind of thing with a label for each, in one list.
macro_rules! labelled {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $label:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// Each of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                }
            }
        }
    };
}

labelled! {
    /// Why a request was let through.
    Forwarded {
        /// The route asks for no session.
        Public = "public",
        /// It has a live session.
        Session = "session",
        /// It was for the origin.
        Origin = "origin",
    }
}

labelled! {
    /// The age of what was known of revocations, in milliseconds: up to and including so many.
    Age {
        /// 0.1 s.
        UpTo100 = "100",
        /// 0.25 s.
        UpTo250 = "250",
        /// 0.5 s.
        UpTo500 = "500",
        /// 1 s.
        UpTo1000 = "1000",
        /// 3 s.
        UpTo3000 = "3000",
        /// Any age above.
        More = "more",
    }
}

labelled! {
    /// What came of asking for a head.
    Feed {
        /// It was taken in.
        Ok = "ok",
        /// No answer, or not one that a head is in.
        Failed = "failed",
        /// It was older than what was known.
        Older = "older",
        /// It did not open, or answered somebody else's question.
        Forged = "forged",
        /// It was taken in, but entries before it are missing.
        Gap = "gap",
    }
}

labelled! {
    /// What came of asking for something.
    Outcome {
        /// It was taken in.
        Ok = "ok",
        /// It was not.
        Failed = "failed",
    }
}

labelled! {
    /// What came of showing a refresh token.
    Refresh {
        /// New tokens.
        Ok = "ok",
        /// The origin gives none for it.
        Refused = "refused",
        /// No answer, or not one that can be used.
        Failed = "failed",
        /// It was known to have been refused before, and not shown again.
        Known = "known",
    }
}

labelled! {
    /// What was done while what was known of revocations was too old.
    Stale {
        /// The request was refused.
        Closed = "closed",
        /// The origin was asked.
        Ask = "ask",
        /// The request was let through.
        Open = "open",
    }
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// For its token.
    Token(Reject),
    /// For want of a session cookie.
    Missing,
    /// Another site's page made the browser send it.
    CrossSite,
    /// It wants a CSRF token, and has none that is the session's.
    CsrfToken,
    /// The actor proved who it is too long ago for the route (RFC 9470 §3).
    NotFresh,
    /// No tenant of this edge has that host name.
    UnknownHost,
    /// More cookies than the edge reads.
    CookieTooLarge,
    /// The application did not answer.
    UpstreamUnreachable,
    /// The origin was needed and did not answer.
    OriginUnavailable,
    /// The edge cannot work with its configuration.
    Misconfigured,
}

impl Refused {
    /// Each that is not about a token.
    pub const OTHERS: [Self; 9] = [
        Self::Missing,
        Self::CrossSite,
        Self::CsrfToken,
        Self::NotFresh,
        Self::UnknownHost,
        Self::CookieTooLarge,
        Self::UpstreamUnreachable,
        Self::OriginUnavailable,
        Self::Misconfigured,
    ];

    /// The stable code, as it stands in problem documents.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token(reject) => reject.label(),
            Self::Missing => "missing",
            Self::CrossSite => "cross_site",
            Self::CsrfToken => "csrf_token",
            Self::NotFresh => "insufficient_user_authentication",
            Self::UnknownHost => "unknown_host",
            Self::CookieTooLarge => "cookie_too_large",
            Self::UpstreamUnreachable => "upstream_unreachable",
            Self::OriginUnavailable => "origin_unavailable",
            Self::Misconfigured => "misconfigured",
        }
    }

    /// Every one.
    pub fn all() -> impl Iterator<Item = Self> {
        Reject::ALL.into_iter().map(Self::Token).chain(Self::OTHERS)
    }

    /// Where it stands among all.
    const fn index(self) -> usize {
        let other = match self {
            Self::Token(reject) => return reject as usize,
            Self::Missing => 0,
            Self::CrossSite => 1,
            Self::CsrfToken => 2,
            Self::NotFresh => 3,
            Self::UnknownHost => 4,
            Self::CookieTooLarge => 5,
            Self::UpstreamUnreachable => 6,
            Self::OriginUnavailable => 7,
            Self::Misconfigured => 8,
        };
        Reject::ALL.len().saturating_add(other)
    }

    /// The one of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|refused| refused.code() == code)
    }
}

impl Age {
    /// The class that an age in milliseconds falls into.
    pub fn of(milliseconds: u64) -> Self {
        let fits = |age: &&Self| age.bound().is_none_or(|bound| milliseconds <= bound);
        Self::ALL.iter().find(fits).copied().unwrap_or(Self::More)
    }

    /// The largest age of the class, in milliseconds.
    pub const fn bound(self) -> Option<u64> {
        match self {
            Self::UpTo100 => Some(100),
            Self::UpTo250 => Some(250),
            Self::UpTo500 => Some(500),
            Self::UpTo1000 => Some(1_000),
            Self::UpTo3000 => Some(3_000),
            Self::More => None,
        }
    }
}

impl Counter {
    /// How many there are.
    pub const COUNT: usize = Forwarded::ALL.len()
        + Reject::ALL.len()
        + Refused::OTHERS.len()
        + Age::ALL.len()
        + Feed::ALL.len()
        + 3 * Outcome::ALL.len()
        + Refresh::ALL.len()
        + Stale::ALL.len()
        + 1;

    /// Every one, always in the same order.
    pub fn all() -> impl Iterator<Item = Self> {
        let outcomes = || Outcome::ALL.iter().copied();
        (Forwarded::ALL.iter().copied().map(Self::Forward))
            .chain(Refused::all().map(Self::Refuse))
            .chain(Age::ALL.iter().copied().map(Self::Age))
            .chain(Feed::ALL.iter().copied().map(Self::Feed))
            .chain(outcomes().map(Self::Snapshot))
            .chain(outcomes().map(Self::Keyring))
            .chain(outcomes().map(Self::Check))
            .chain(Refresh::ALL.iter().copied().map(Self::Refresh))
            .chain(Stale::ALL.iter().copied().map(Self::Stale))
            .chain([Self::DroppedCookie])
    }

    /// The one of that name.
    pub fn find(name: &str) -> Option<Self> {
        let (group, label) = name.split_once('.')?;
        Self::all().find(|counter| counter.name() == (group, label))
    }

    /// The two parts of the name.
    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Forward(forwarded) => ("forward", forwarded.label()),
            Self::Refuse(refused) => ("refuse", refused.code()),
            Self::Age(age) => ("age", age.label()),
            Self::Feed(feed) => ("feed", feed.label()),
            Self::Snapshot(outcome) => ("snapshot", outcome.label()),
            Self::Keyring(outcome) => ("keyring", outcome.label()),
            Self::Check(outcome) => ("check", outcome.label()),
            Self::Refresh(refresh) => ("refresh", refresh.label()),
            Self::Stale(stale) => ("stale", stale.label()),
            Self::DroppedCookie => ("cookie", "dropped"),
        }
    }

    /// Where it stands among all: every request is counted, so nothing is searched.
    pub(super) const fn index(self) -> usize {
        const REFUSE: usize = Forwarded::ALL.len();
        const AGE: usize = REFUSE + Reject::ALL.len() + Refused::OTHERS.len();
        const FEED: usize = AGE + Age::ALL.len();
        const SNAPSHOT: usize = FEED + Feed::ALL.len();
        const KEYRING: usize = SNAPSHOT + Outcome::ALL.len();
        const CHECK: usize = KEYRING + Outcome::ALL.len();
        const REFRESH: usize = CHECK + Outcome::ALL.len();
        const STALE: usize = REFRESH + Refresh::ALL.len();
        let (group, place) = match self {
            Self::Forward(forwarded) => (0, forwarded as usize),
            Self::Refuse(refused) => (REFUSE, refused.index()),
            Self::Age(age) => (AGE, age as usize),
            Self::Feed(feed) => (FEED, feed as usize),
            Self::Snapshot(outcome) => (SNAPSHOT, outcome as usize),
            Self::Keyring(outcome) => (KEYRING, outcome as usize),
            Self::Check(outcome) => (CHECK, outcome as usize),
            Self::Refresh(refresh) => (REFRESH, refresh as usize),
            Self::Stale(stale) => (STALE, stale as usize),
            Self::DroppedCookie => (STALE, Stale::ALL.len()),
        };
        group.saturating_add(place)
    }
}

/// Writes the name.
impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, label) = self.name();
        write!(f, "{group}.{label}")
    }
}
