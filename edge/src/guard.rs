//! The way back: which `Set-Cookie` lines of an application may set cookies of ours.
//!
//! An application that has just signed somebody in hands on the lines that the origin made for it. Those
//! pass, and nothing else of our names does: an application must not be able to plant, copy or prolong a
//! session, on purpose or through a cache of its own.

use sealgate_shared::cookie::{CookieName, CookieNames};
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::keyring::Keyring;
use sealgate_shared::refresh::{Channel, SealedRefresh};
use sealgate_shared::report::Counter;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Sealed, TokenKind, Verified};

use crate::door::Door;
use crate::errand::{Errand, Outcome};
use crate::request::Target;

/// The age, in milliseconds, up to which a token may be that of a sign-in under way.
const LOGIN_MS: u64 = 60_000;

/// What becomes of a response's `Set-Cookie` lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// None of them is ours.
    Untouched,
    /// These stay.
    Keep {
        /// The lines, in order.
        lines: Vec<String>,
        /// How many were dropped.
        dropped: usize,
        /// Whether one of ours is among them, so that nobody may store the response.
        ours: bool,
    },
    /// It cannot be decided before this errand is done.
    Need(Errand),
}

/// A response of the application that sets cookies.
#[derive(Clone, Copy, Debug)]
pub struct SetCookies<'r> {
    /// The request's URL.
    pub url: &'r str,
    /// The `Set-Cookie` lines.
    pub lines: &'r [&'r str],
    /// The `Age` header; empty when there is none.
    pub age: &'r str,
    /// The `Cache-Control` header; empty when there is none.
    pub cache_control: &'r str,
}

/// A `Set-Cookie` line that would set a cookie of ours, in some reading of it.
pub(crate) struct Ours<'l> {
    pub(crate) cookie: Option<CookieName>,
    pub(crate) value: &'l str,
    attributes: &'l str,
}

impl Door {
    /// Decides about the `Set-Cookie` lines of a response. `outcome` is as for [`Door::decide`].
    ///
    /// A sign-in is for the one browser that it was made for. So it passes once, and not at all in a response that
    /// comes out of a cache, or that a cache between us and the application may hand to somebody else as well.
    pub fn guard(&mut self, answer: &SetCookies<'_>, outcome: Option<Outcome>, now: UnixMillis) -> Passage {
        let (names, lines) = (self.settings.names, answer.lines);
        if lines.iter().all(|line| Ours::parse(line, names).is_none()) {
            return Passage::Untouched;
        }
        let tenant = Target::parse(answer.url).and_then(|target| self.settings.tenant(target.host));
        self.feed.heed_clock(now);
        let has_failed = matches!(outcome, Some(Outcome::Failed(_)));
        let login = match (tenant, self.ring.get(now)) {
            _ if answer.is_for_many() => Ok(None),
            (Some(tenant), Some(ring)) => self.find_login(lines, ring, &tenant.id, outcome, now),
            (Some(_), None) if !has_failed && self.ring.may_fetch(now) => Err(Lack::Keyring),
            _ => Ok(None),
        };
        let login = login.map(|login| login.filter(|login| self.handed_out.get(&login.session).is_none()));
        if let Ok(Some(login)) = &login {
            self.handed_out.insert(login.session, now);
        }
        match login {
            Err(Lack::Keyring) => Passage::Need(Errand::Keyring),
            Err(Lack::Feed(session)) => {
                let has_answered = matches!(outcome, Some(Outcome::Feed(_)));
                Passage::Need(self.feed.errand_about(session, has_answered, now))
            }
            Ok(login) => {
                let keep =
                    |line: &&&str| Ours::parse(line, names).is_none_or(|ours| ours.may_pass(login.as_ref(), names));
                let kept: Vec<String> = lines.iter().filter(keep).map(|line| (*line).to_owned()).collect();
                let dropped = lines.len().saturating_sub(kept.len());
                self.counts.add(Counter::DroppedCookie, u64::try_from(dropped).unwrap_or(u64::MAX));
                Passage::Keep { lines: kept, dropped, ours: login.is_some() }
            }
        }
    }

    /// The one sign-in among the lines: a token of generation 0 of this tenant, just made, and not revoked.
    fn find_login(
        &self,
        lines: &[&str],
        ring: &Keyring,
        tenant: &TenantId,
        outcome: Option<Outcome>,
        now: UnixMillis,
    ) -> Result<Option<Login>, Lack> {
        let mut found = lines
            .iter()
            .filter_map(|line| Ours::parse(line, self.settings.names))
            .filter(|ours| ours.cookie == Some(CookieName::Access) && ours.has_our_attributes(self.settings.names))
            .filter_map(|ours| Some((ours.value, verify_login(ours.value, ring, tenant, now)?)));
        let (Some((text, verified)), None) = (found.next(), found.next()) else { return Ok(None) };
        let session = verified.claims().session;
        let is_revoked = self.feed.hits(&verified) || self.answers.is_revoked(session, now);
        let is_current = self.feed.current(session, now).is_some();
        let has_failed = matches!(outcome, Some(Outcome::Failed(_))) || self.feed.is_unreachable(now);
        if !is_revoked && !is_current && !has_failed {
            return Err(Lack::Feed(session));
        }
        let live = !is_revoked && is_current;
        let csrf = ring.find(verified.kid()).and_then(|key| key.csrf_token(session)).map(|csrf| csrf.expose());
        let refresh = self.find_refresh(lines, ring, tenant, session, now);
        Ok(live.then(|| Login { session, token: text.to_owned(), refresh, csrf }))
    }
}

impl Door {
    /// The one refresh token of that sign-in among the lines.
    fn find_refresh(
        &self,
        lines: &[&str],
        ring: &Keyring,
        tenant: &TenantId,
        session: SessionId,
        now: UnixMillis,
    ) -> Option<String> {
        let is_of_login = |text: &str| {
            let sealed =
                SealedRefresh::parse(text).and_then(|sealed| sealed.filter(Channel::Cookie, ring, tenant, now));
            sealed.is_ok_and(|refresh| refresh.claims().generation == 0 && refresh.claims().session == session)
        };
        let mut found = lines
            .iter()
            .filter_map(|line| Ours::parse(line, self.settings.names))
            .filter(|ours| ours.cookie == Some(CookieName::Refresh) && ours.has_our_attributes(self.settings.names))
            .filter(|ours| is_of_login(ours.value));
        match (found.next(), found.next()) {
            (Some(ours), None) => Some(ours.value.to_owned()),
            _ => None,
        }
    }
}

/// What has to be fetched before a sign-in can be judged.
enum Lack {
    Keyring,
    Feed(SessionId),
}

/// A sign-in that the application asked for.
struct Login {
    session: SessionId,
    token: String,
    refresh: Option<String>,
    csrf: Option<String>,
}

impl SetCookies<'_> {
    /// Whether a cache has had it (RFC 9111 §5.1: an `Age` means that the application did not make it just now), or
    /// one that is shared is told that it may keep it (§5.2.2).
    fn is_for_many(&self) -> bool {
        let caching = self.cache_control.to_ascii_lowercase();
        let directives = || caching.split(',').map(str::trim);
        let is_kept = directives().any(|directive| matches!(directive, "private" | "no-store"));
        let is_offered = directives().any(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            matches!(name, "public" | "s-maxage" | "max-age") && value != "0"
        });
        !self.age.is_empty() || is_offered && !is_kept
    }
}

fn verify_login(text: &str, ring: &Keyring, tenant: &TenantId, now: UnixMillis) -> Option<Verified> {
    let token = Sealed::parse(text).ok()?.authenticate(TokenKind::Access, ring, tenant).ok()?;
    let verified = token.verify(now).ok()?;
    let claims = verified.claims();
    (claims.generation == 0 && now.since(claims.issued_at) < LOGIN_MS).then_some(verified)
}

impl<'l> Ours<'l> {
    /// Reads a line as browsers do (RFC 6265bis §5.6): white space around name and value is no part of them.
    /// A line without a name whose value begins with one of ours is sent back by some browsers as if it had it.
    pub(crate) fn parse(line: &'l str, names: CookieNames) -> Option<Self> {
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (name.trim(), value.trim());
        let cookie = names.find(name);
        let disguised =
            || name.is_empty() && CookieName::ALL.iter().any(|&cookie| value.starts_with(names.name(cookie)));
        (cookie.is_some() || disguised()).then_some(Self { cookie, value, attributes })
    }

    fn may_pass(&self, login: Option<&Login>, names: CookieNames) -> bool {
        let Some(login) = login.filter(|_| self.has_our_attributes(names)) else { return false };
        match self.cookie {
            Some(CookieName::Access) => self.value == login.token,
            Some(CookieName::Refresh) => login.refresh.as_deref() == Some(self.value),
            Some(CookieName::Csrf) => login.csrf.as_deref() == Some(self.value),
            _ => false,
        }
    }

    /// Whether the attributes are those the origin writes, in whatever order and case a framework put them,
    /// each once. How long the browser keeps the cookie is not looked at: the token says how long it is good.
    fn has_our_attributes(&self, names: CookieNames) -> bool {
        let Some(cookie) = self.cookie else { return false };
        let mut seen = Vec::new();
        for attribute in self.attributes.split(';').map(str::trim).filter(|attribute| !attribute.is_empty()) {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            let expected = match name.as_str() {
                "path" => value == "/",
                "samesite" => value.eq_ignore_ascii_case("lax"),
                "secure" => names.are_secure(),
                "httponly" => cookie.is_http_only(),
                "max-age" | "expires" => true,
                _ => false,
            };
            if !expected || seen.contains(&name) {
                return false;
            }
            seen.push(name);
        }
        let has = |name: &str| seen.iter().any(|known| known == name);
        has("path")
            && has("samesite")
            && has("secure") == names.are_secure()
            && has("httponly") == cookie.is_http_only()
    }
}

impl core::fmt::Display for Passage {
    /// Nothing when the lines stay as they are; `need <errand>`; or `keep <dropped> <ours: 0 or 1>` and the
    /// lines that stay.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Untouched => Ok(()),
            Self::Need(errand) => write!(f, "need {errand}"),
            Self::Keep { lines, dropped, ours } => {
                write!(f, "keep {dropped} {}", u8::from(*ours))?;
                lines.iter().try_for_each(|line| write!(f, "\n{line}"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
