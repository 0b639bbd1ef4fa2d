//! The way back of a request that was refreshed: whether the browser is given the new cookies.
//!
//! An answer may take long, and much may have happened by then. Cookies that came too late would bring back a session that
//! was signed out of, or put older tokens in the place of newer ones. Holding them back does no harm: the browser shows
//! the refresh token that it has once more, and is given the same again.

use sealgate_shared::cookie::CookieName;
use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Authentic, Sealed, TokenKind};

use crate::decide::may_end;
use crate::door::Door;
use crate::guard::Ours;
use crate::request::{Incoming, Target};

/// The most sessions of which it is remembered up to which generation they were handed out.
pub(crate) const HANDED_OUT: usize = 4_096;

/// An answer on its way to a browser.
#[derive(Clone, Copy, Debug)]
pub struct Returning<'r> {
    /// The request that it answers.
    pub incoming: &'r Incoming<'r>,
    /// The `Set-Cookie` lines of the refresh that the request needed; empty if it needed none.
    pub lines: &'r str,
    /// Those that the answer has already.
    pub answered: &'r str,
}

impl Door {
    /// Whether the lines of the refresh go on the answer.
    pub fn hands_out(&mut self, returning: &Returning<'_>, now: UnixMillis) -> bool {
        let settings = std::rc::Rc::clone(&self.settings);
        let Some(target) = Target::parse(returning.incoming.url) else { return false };
        let Some(tenant) = settings.tenant(target.host) else {
            return false;
        };
        // A sign-in, a sign-out, or a refresh that was asked for: the answer knows better.
        let is_said = returning.answered.split('\n').any(|line| {
            let ours = Ours::parse(line, settings.names).and_then(|ours| ours.cookie);
            // A CSRF token alone is no word on the session: `GET /auth/csrf` renews it.
            matches!(ours, Some(CookieName::Access | CookieName::Refresh))
        });
        let lines = if is_said { returning.answered } else { returning.lines };
        let Some(token) = self.find_access(lines, &tenant.id, now) else { return false };
        let (session, generation) = (token.claims().session, token.claims().generation);
        if self.generations.get(&session).is_some_and(|known| *known > generation) {
            return false;
        }
        // That the request itself put its session in doubt is no reason.
        let own_doubt = may_end(returning.incoming.method, &target).then_some(returning.incoming.now);
        let is_doubted = self.feed.doubted_at(session).is_some_and(|doubt| Some(doubt) != own_doubt);
        let is_over = self.feed.hits_token(&token) || self.answers.is_revoked(session, now);
        if !is_said && (is_doubted || is_over) {
            return false;
        }
        self.generations.insert(session, generation);
        !is_said
    }

    /// The access token that the lines set.
    pub(crate) fn find_access(&self, lines: &str, tenant: &TenantId, now: UnixMillis) -> Option<Authentic> {
        let ring = self.ring.get(now)?;
        lines.split('\n').find_map(|line| {
            let ours = Ours::parse(line, self.settings.names)?;
            let is_access = ours.cookie == Some(CookieName::Access);
            is_access
                .then(|| Sealed::parse(ours.value).ok()?.authenticate(TokenKind::Access, ring, tenant).ok())
                .flatten()
        })
    }
}

#[cfg(test)]
mod tests;
