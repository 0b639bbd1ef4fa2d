//! Requests to `/auth`, which is the origin's at every site: what they need before they go on, and what they put in doubt.

use std::rc::Rc;

use sealgate_shared::cookie::{CookieName, Selection, values_of};
use sealgate_shared::id::SessionId;
use sealgate_shared::refresh::{RefreshSelection, select_refresh};
use sealgate_shared::reject::Reject;
use sealgate_shared::token::{Sealed, TokenKind};

use crate::door::Door;
use crate::errand::{Errand, Kind, Outcome};
use crate::refresh::{Offer, has_tried};
use crate::refusal::Refusal;
use crate::request::{Incoming, Target};
use crate::routes::is_canonical;
use crate::settings::Tenant;
use crate::verdict::Verdict;

impl Door {
    /// To be called before a request goes on to `/auth`.
    pub(super) fn heed_auth(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target<'_>,
        tenant: &Tenant,
        outcome: Option<Outcome>,
    ) -> Result<(), Verdict> {
        // Without keys nobody can be named or refreshed, and the origin has to do without that as well.
        let is_ringless = self.ring.get(incoming.now).is_none() && self.names_somebody(incoming, target);
        if is_ringless && outcome != Some(Outcome::Failed(Kind::Keyring)) && self.ring.may_fetch(incoming.now) {
            return Err(Verdict::Need(Errand::Keyring));
        }
        if incoming.bearer().is_none() {
            match target.path {
                "/auth/refresh" if incoming.method == "POST" => self.filter(incoming, target, tenant, outcome)?,
                path if is_refreshed(path) => self.renew_before(incoming, tenant, outcome)?,
                _ => {}
            }
        }
        self.doubt(incoming);
        Ok(())
    }

    /// Whether the request has something that takes a keyring to be judged, and is judged.
    fn names_somebody(&self, incoming: &Incoming<'_>, target: &Target<'_>) -> bool {
        let has = |cookie| values_of(incoming.cookie, self.settings.names, cookie).next().is_some();
        has(CookieName::Refresh)
            || may_end(incoming.method, target) && (has(CookieName::Access) || incoming.bearer().is_some())
    }

    /// A refresh by cookie that was asked for: what cannot be good ends here, so that it costs the origin nothing. A native
    /// client says JSON, and has no cookies.
    fn filter(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target<'_>,
        tenant: &Tenant,
        outcome: Option<Outcome>,
    ) -> Result<(), Verdict> {
        let is_json = |value: &str| value.to_ascii_lowercase().starts_with("application/json");
        if incoming.header("content-type").is_some_and(is_json) {
            return Ok(());
        }
        let access = self.select(incoming, tenant).as_ref().and_then(session_of);
        match self.offer(incoming, tenant, access, outcome) {
            Offer::Show(_) => Ok(()),
            Offer::None(Some(Reject::UnknownKid)) => Err(self.doubt_ring(incoming, outcome)),
            Offer::Refuse(reject) | Offer::None(Some(reject)) => Err(Refusal::Token(reject).into()),
            Offer::None(None) if self.ring.get(incoming.now).is_none() && self.names_somebody(incoming, target) => {
                Err(Refusal::OriginUnavailable.into())
            }
            Offer::None(None) => Err(Refusal::Missing.into()),
        }
    }

    /// As for the application's pages, but that the origin itself has the last word about whoever has no good token.
    fn renew_before(
        &mut self,
        incoming: &Incoming<'_>,
        tenant: &Tenant,
        outcome: Option<Outcome>,
    ) -> Result<(), Verdict> {
        let access = match self.select(incoming, tenant) {
            Some(Selection::Verified(token)) if !self.feed.hits(&token) => return Ok(()),
            Some(Selection::Rejected(Reject::AmbiguousSession)) => return Ok(()),
            selection => selection.as_ref().and_then(session_of),
        };
        match self.offer(incoming, tenant, access, outcome) {
            Offer::Show(_) if has_tried(outcome) => Err(Refusal::OriginUnavailable.into()),
            Offer::Show(errand) => Err(Verdict::Need(errand)),
            Offer::None(Some(Reject::UnknownKid)) => match self.doubt_ring(incoming, outcome) {
                need @ Verdict::Need(_) => Err(need),
                _ => Ok(()),
            },
            Offer::Refuse(_) | Offer::None(_) => Ok(()),
        }
    }

    /// A request may end the session that it carries, from when it is sent until it is answered: if so, nothing that was
    /// known of the session before counts any more. To be called at both moments.
    pub fn doubt(&mut self, incoming: &Incoming<'_>) {
        let settings = Rc::clone(&self.settings);
        let target = Target::parse(incoming.url).filter(|target| may_end(incoming.method, target));
        let tenant = target.and_then(|target| settings.tenant(target.host));
        let sessions = tenant.map_or([None; 2], |tenant| self.sessions_named(incoming, tenant));
        for session in sessions.into_iter().flatten() {
            self.answers.forget_live(session);
            self.feed.doubt(session, incoming.now);
        }
    }

    /// The sessions a request to `/auth` may be about, if it can be told without asking: by its access token, and by its
    /// refresh token.
    fn sessions_named(&self, incoming: &Incoming<'_>, tenant: &Tenant) -> [Option<SessionId>; 2] {
        let Some(ring) = self.ring.get(incoming.now) else { return [None, None] };
        if let Some(token) = incoming.bearer() {
            let sealed = Sealed::parse(token);
            let token = sealed.and_then(|sealed| sealed.authenticate(TokenKind::Bearer, ring, &tenant.id));
            return [token.ok().map(|token| token.claims().session), None];
        }
        let values = values_of(incoming.cookie, self.settings.names, CookieName::Refresh);
        let refresh = match select_refresh(values, ring, &tenant.id, incoming.now) {
            RefreshSelection::Passed(refresh, _) => Some(refresh.claims().session),
            RefreshSelection::Missing | RefreshSelection::Rejected(_) => None,
        };
        [self.select(incoming, tenant).as_ref().and_then(session_of), refresh]
    }
}

/// Whether the origin may end the session that the request carries: it signs people out, or in, and whoever signs in has
/// another session from then on. Coming back from a provider is a `GET`.
pub(crate) fn may_end(method: &str, target: &Target<'_>) -> bool {
    let is_callback = target.path.starts_with("/auth/oidc/") && target.path.ends_with("/callback");
    is_auth(target.path) && (method != "GET" || is_callback)
}

/// Whose the access token is, good or not, if the origin made it.
fn session_of(selection: &Selection) -> Option<SessionId> {
    match selection {
        Selection::Verified(token) => Some(token.claims().session),
        Selection::Expired(token) => Some(token.claims().session),
        Selection::Missing | Selection::Rejected(_) => None,
    }
}

/// Whether the origin is to find a good access token there, if there can be one. Where somebody signs in or out, or
/// refreshes, it looks at what the browser has.
fn is_refreshed(path: &str) -> bool {
    !matches!(path, "/auth/refresh" | "/auth/logout" | "/auth/login" | "/auth/break-glass")
        && !path.starts_with("/auth/oidc/")
}

/// `/auth` and all below it is the origin's, at every site. A path that only looks like it, to some or after
/// decoding, is not: it goes to the application, which needs a session. `/auth/../internal/check` must not go to
/// the origin under our credential.
pub(super) fn is_auth(path: &str) -> bool {
    path.strip_prefix("/auth").is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) && is_canonical(path)
}
