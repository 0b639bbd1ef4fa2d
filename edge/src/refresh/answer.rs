//! What the origin answered to whom it was shown a refresh token.

use core::fmt;

use sealgate_shared::cookie::{CookieName, CookieNames};
use sealgate_shared::id::TenantId;
use sealgate_shared::reject::Reject;
use sealgate_shared::report::{Counter, Refresh as Counted};
use sealgate_shared::time::UnixMillis;
use serde::Deserialize;

use crate::door::{Answer, Door};
use crate::errand::{Asked, Kind, Outcome, find_reject};

/// How showing a refresh token ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// There are new tokens, in cookies.
    Cookies {
        /// As a browser that has them would send them.
        pairs: String,
        /// The `Set-Cookie` lines that make it have them.
        lines: Vec<String>,
    },
    /// There are none for that token.
    Refused(Reject),
    /// No answer that can be used.
    Failed,
}

/// Of the answer, what is needed here.
#[derive(Deserialize)]
struct Document {
    status: Status,
    #[serde(default)]
    set_cookie: Vec<String>,
    #[serde(default)]
    code: String,
    /// The version of the keyring at the origin.
    #[serde(default)]
    keyring: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Refreshed,
    Refused,
}

impl Door {
    /// Takes in the answer to [`Errand::Refresh`](crate::errand::Errand::Refresh). The new tokens are not kept; they are
    /// checked as all others when the request comes back with them.
    pub fn absorb_refresh(
        &mut self,
        tenant: &TenantId,
        token: &str,
        answer: Answer<'_>,
        asked: &Asked<'_>,
    ) -> Refreshed {
        let document = (answer.status == 200).then(|| serde_json::from_slice::<Document>(answer.body).ok()).flatten();
        let read = document.as_ref().map_or(Refreshed::Failed, |document| document.read(self.settings.names));
        let refreshed = if self.is_for_another(&read, tenant, token, asked.at) { Refreshed::Failed } else { read };
        if let Refreshed::Refused(reject) = refreshed {
            self.remember_refused(tenant, token, reject, asked.at);
        }
        if let Some(document) = document {
            self.ring.told(document.keyring, UnixMillis::EPOCH);
        }
        self.counts.add(Counter::Refresh(refreshed.counted()), 1);
        refreshed
    }

    /// Nobody is ever made somebody else, whoever mixed up what. Under a key that is not known yet it cannot be told.
    fn is_for_another(&self, refreshed: &Refreshed, tenant: &TenantId, token: &str, now: UnixMillis) -> bool {
        let Refreshed::Cookies { lines, .. } = refreshed else { return false };
        let asked = self.filter_refresh(tenant, token, now).map(|refresh| refresh.claims().session);
        let given = self.find_access(&lines.join("\n"), tenant, now).map(|token| token.claims().session);
        given.is_some() && given != asked
    }
}

impl Document {
    fn read(&self, names: CookieNames) -> Refreshed {
        match self.status {
            Status::Refreshed => self.cookies(names).unwrap_or(Refreshed::Failed),
            Status::Refused => read_refusal(&self.code).map_or(Refreshed::Failed, Refreshed::Refused),
        }
    }

    /// Lines that set our cookies, and no others.
    fn cookies(&self, names: CookieNames) -> Option<Refreshed> {
        let mut pairs = String::new();
        for line in &self.set_cookie {
            let pair = line.split(';').next()?;
            let name = names.find(pair.split_once('=')?.0)?;
            if !matches!(name, CookieName::Access | CookieName::Refresh | CookieName::Csrf)
                || line.contains(['\r', '\n'])
            {
                return None;
            }
            if !pairs.is_empty() {
                pairs.push_str("; ");
            }
            pairs.push_str(pair);
        }
        (!pairs.is_empty()).then(|| Refreshed::Cookies { pairs, lines: self.set_cookie.clone() })
    }
}

/// What is said of it to whoever came with the token. No answer of the origin makes a browser drop a cookie.
fn read_refusal(code: &str) -> Option<Reject> {
    match code {
        "reuse" => Some(Reject::Revoked),
        "history_lost" => Some(Reject::Expired),
        label => find_reject(label).filter(|reject| *reject != Reject::AmbiguousSession),
    }
}

impl Refreshed {
    /// The same without the tokens.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Cookies { .. } => Outcome::Refreshed,
            Self::Refused(reject) => Outcome::Refused(*reject),
            Self::Failed => Outcome::Failed(Kind::Refresh),
        }
    }

    const fn counted(&self) -> Counted {
        match self {
            Self::Cookies { .. } => Counted::Ok,
            Self::Refused(_) => Counted::Refused,
            Self::Failed => Counted::Failed,
        }
    }
}

/// The outcome; behind it, if there are new tokens, a line as of a `Cookie` header, and the `Set-Cookie` lines.
impl fmt::Display for Refreshed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outcome().fmt(f)?;
        if let Self::Cookies { pairs, lines } = self {
            write!(f, "\n{pairs}")?;
            lines.iter().try_for_each(|line| write!(f, "\n{line}"))?;
        }
        Ok(())
    }
}
