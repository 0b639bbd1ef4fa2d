//! Choosing among several refresh tokens in cookies, which a parent domain or a script may have planted.

use super::{Channel, FilteredRefresh, SealedRefresh};
use crate::cookie::MAX_MACS;
use crate::id::TenantId;
use crate::keyring::Keyring;
use crate::reject::Reject;
use crate::time::UnixMillis;

/// What the refresh tokens of a request amount to.
#[derive(Clone, Copy)]
pub enum RefreshSelection<'t> {
    /// There are none.
    Missing,
    /// One session's passes the filter; of several, the one of the highest generation. With the text.
    Passed(FilteredRefresh<'t>, &'t str),
    /// None passes; the reason of the first.
    Rejected(Reject),
}

/// Chooses among the values of our refresh cookie. Tokens of two different sessions that both pass are
/// [`Reject::AmbiguousSession`]: guessing would let a planted cookie swap one person's session for another's.
pub fn select_refresh<'t>(
    values: impl Iterator<Item = &'t str>,
    ring: &Keyring,
    tenant: &TenantId,
    now: UnixMillis,
) -> RefreshSelection<'t> {
    let mut found = RefreshSelection::Missing;
    let mut macs = 0_usize;
    for value in values {
        let next = match SealedRefresh::parse(value) {
            Ok(sealed) => match ring.check_refresh_key(sealed.kid()) {
                Ok(()) if macs == MAX_MACS => break,
                Ok(()) => {
                    macs = macs.saturating_add(1);
                    sealed.filter(Channel::Cookie, ring, tenant, now).map(|filtered| (filtered, value))
                }
                Err(reject) => Err(reject),
            },
            Err(reject) => Err(reject),
        };
        found = prefer(found, next);
    }
    found
}

fn prefer<'t>(
    found: RefreshSelection<'t>,
    next: Result<(FilteredRefresh<'t>, &'t str), Reject>,
) -> RefreshSelection<'t> {
    match (found, next) {
        (RefreshSelection::Rejected(Reject::AmbiguousSession), _) => found,
        (RefreshSelection::Passed(one, _), Ok((other, text))) => {
            let (first, second) = (one.claims(), other.claims());
            if first.session != second.session {
                RefreshSelection::Rejected(Reject::AmbiguousSession)
            } else if second.generation > first.generation {
                RefreshSelection::Passed(other, text)
            } else {
                found
            }
        }
        (_, Ok((other, text))) => RefreshSelection::Passed(other, text),
        (RefreshSelection::Missing, Err(reject)) => RefreshSelection::Rejected(reject),
        (_, Err(_)) => found,
    }
}
