//! Why a token was refused.

/// The reason a token was refused. The label of each is part of the public interface: it appears in
/// problem documents, logs and metrics, and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reject {
    /// More than [`crate::token::MAX_LENGTH`] characters.
    #[error("the token is longer than 1,024 characters")]
    TooLong,
    /// Not four parts between dots, or a key id or MAC that is not canonical base64url of its length.
    #[error("the token does not have the form v1.<kid>.<claims>.<mac>")]
    Malformed,
    /// The first part is not `v1`.
    #[error("the token is of a version this verifier does not know")]
    UnknownVersion,
    /// No key of that id is in the ring.
    #[error("the token was signed by a key this verifier does not hold")]
    UnknownKid,
    /// The MAC is not the one the key makes: forged, altered, or made for another purpose.
    #[error("the token's MAC does not match")]
    BadMac,
    /// The MAC holds, but the claims are not in canonical form.
    #[error("the token's claims are not in canonical form")]
    BadClaims,
    /// The claims, or the key, belong to another tenant than the one the request is for.
    #[error("the token belongs to another tenant")]
    WrongTenant,
    /// It would live longer than the ring allows.
    #[error("the token's lifetime is longer than allowed")]
    LifetimeTooLong,
    /// Issued in the future by more than [`crate::token::CLOCK_LEEWAY_MS`].
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// Its time is over; or so it must be, since its key signed the last one so long ago.
    #[error("the token has expired")]
    Expired,
    /// Its session was revoked, or has no row at the origin, or the key was revoked that it names.
    #[error("the session was revoked")]
    Revoked,
    /// The request carries valid tokens of two different sessions.
    #[error("the request carries tokens of two sessions")]
    AmbiguousSession,
}

impl Reject {
    /// Every reason, in the order the checks are made.
    pub const ALL: [Self; 12] = [
        Self::TooLong,
        Self::Malformed,
        Self::UnknownVersion,
        Self::UnknownKid,
        Self::BadMac,
        Self::BadClaims,
        Self::WrongTenant,
        Self::LifetimeTooLong,
        Self::IssuedInFuture,
        Self::Expired,
        Self::Revoked,
        Self::AmbiguousSession,
    ];

    /// The stable name of the reason.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownKid => "unknown_kid",
            Self::BadMac => "bad_mac",
            Self::BadClaims => "bad_claims",
            Self::WrongTenant => "wrong_tenant",
            Self::LifetimeTooLong => "lifetime_too_long",
            Self::IssuedInFuture => "issued_in_future",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::AmbiguousSession => "ambiguous_session",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_distinct_and_never_change() {
        let labels = Reject::ALL.map(Reject::label);
        assert_eq!(
            labels,
            [
                "too_long",
                "malformed",
                "unknown_version",
                "unknown_kid",
                "bad_mac",
                "bad_claims",
                "wrong_tenant",
                "lifetime_too_long",
                "issued_in_future",
                "expired",
                "revoked",
                "ambiguous_session"
            ]
        );
    }
}
