//! Choosing among several cookies of our name, which a parent domain or a script may have planted.

use crate::id::TenantId;
use crate::keyring::Keyring;
use crate::reject::Reject;
use crate::time::UnixMillis;
use crate::token::{Authentic, NotNow, Sealed, TokenKind, Verified};

/// The most MACs computed for one request, so that a header full of cookies costs no more than four.
pub const MAX_MACS: usize = 4;

/// What the cookies of one name amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// There are none.
    Missing,
    /// One session's token is good; of several, the one of the highest generation.
    Verified(Verified),
    /// None is good, but this one, which the origin made, only because its time is over.
    Expired(Authentic),
    /// None is good, and of none it is known whose it was. [`Reject::Expired`] if one of them names a key whose tokens
    /// are all dead (nothing proves that it is one), else the reason of the first.
    Rejected(Reject),
}

/// Chooses among the values of our access cookie. Good tokens of two different sessions are
/// [`Reject::AmbiguousSession`]: guessing would let a planted cookie swap one person's session for another's.
pub fn select<'t>(
    values: impl Iterator<Item = &'t str>,
    ring: &Keyring,
    tenant: &TenantId,
    now: UnixMillis,
) -> Selection {
    let mut found = Selection::Missing;
    let mut macs = 0_usize;
    for value in values {
        let next = match Sealed::parse(value) {
            Ok(sealed) => match ring.check_key(sealed.kid()) {
                Ok(()) if macs == MAX_MACS => break,
                Ok(()) => {
                    macs = macs.saturating_add(1);
                    judge(&sealed, ring, tenant, now)
                }
                Err(reject) => Selection::Rejected(reject),
            },
            Err(reject) => Selection::Rejected(reject),
        };
        found = prefer(found, next);
    }
    found
}

fn judge(sealed: &Sealed<'_>, ring: &Keyring, tenant: &TenantId, now: UnixMillis) -> Selection {
    let token = match sealed.authenticate(TokenKind::Access, ring, tenant) {
        Ok(token) => token,
        Err(reject) => return Selection::Rejected(reject),
    };
    match token.verify(now) {
        Ok(verified) => Selection::Verified(verified),
        Err(NotNow { token, reject: Reject::Expired }) => Selection::Expired(token),
        Err(NotNow { reject, .. }) => Selection::Rejected(reject),
    }
}

fn prefer(found: Selection, next: Selection) -> Selection {
    match (found, next) {
        (Selection::Rejected(Reject::AmbiguousSession), _) => Selection::Rejected(Reject::AmbiguousSession),
        (Selection::Verified(one), Selection::Verified(other)) => {
            let (first, second) = (one.claims(), other.claims());
            if first.session != second.session {
                Selection::Rejected(Reject::AmbiguousSession)
            } else if second.generation > first.generation {
                Selection::Verified(other)
            } else {
                Selection::Verified(one)
            }
        }
        (Selection::Verified(one), _) | (_, Selection::Verified(one)) => Selection::Verified(one),
        (Selection::Expired(one), _) | (_, Selection::Expired(one)) => Selection::Expired(one),
        (_, Selection::Rejected(Reject::Expired)) => Selection::Rejected(Reject::Expired),
        (Selection::Rejected(reject), _) | (Selection::Missing, Selection::Rejected(reject)) => {
            Selection::Rejected(reject)
        }
        (Selection::Missing, Selection::Missing) => Selection::Missing,
    }
}
