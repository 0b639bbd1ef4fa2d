//! Signing in through an `OpenID` provider: the way there, and the way back.
//!
//! Between the two a row of `sessions` holds what the second half needs, for ten minutes. It is found by two secrets: the
//! `state`, which goes to the provider and back, and the *binding*, which the browser has in a cookie and shows to nobody
//! else. So an answer is of use to the browser that asked, once, and each tab has a sign-in of its own.

mod begin;
mod finish;
mod held;
mod put_aside;

pub(crate) use begin::BeginSignIn;
pub(crate) use finish::FinishSignIn;

use super::OfficeError;
use crate::oidc::{DirectoryError, Failure, ProviderId};
use crate::outbound::OutboundError;

/// How long a sign-in may take.
pub(crate) const LOGIN_MS: u64 = 600_000;

/// Why nobody was signed in.
#[derive(Debug)]
pub(crate) enum SignInError {
    /// It is told to the operator why, and to the person that.
    Failed(Box<FailedSignIn>),
    /// We are out of order.
    Office(OfficeError),
}

/// A sign-in that came to nothing.
#[derive(Debug)]
pub(crate) struct FailedSignIn {
    pub(crate) failure: Failure,
    /// The provider, once it is known of which sign-in it is.
    pub(crate) provider: Option<ProviderId>,
    /// What the provider said, in a word that is registered.
    pub(crate) said: Option<&'static str>,
    /// What the provider said, in its own words: for the log.
    pub(crate) complaint: Option<String>,
    /// What trying again takes.
    pub(crate) again: Again,
}

/// What the person wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Again {
    pub(crate) return_to: Option<String>,
    pub(crate) max_age_s: Option<u64>,
}

impl From<Failure> for SignInError {
    fn from(failure: Failure) -> Self {
        let again = Again::default();
        Self::Failed(Box::new(FailedSignIn { failure, provider: None, said: None, complaint: None, again }))
    }
}

impl<E: Into<OfficeError>> From<E> for SignInError {
    fn from(error: E) -> Self {
        Self::Office(error.into())
    }
}

impl SignInError {
    /// Adds whose sign-in it was, and what was wanted.
    fn of(self, provider: Option<&ProviderId>, again: &Again) -> Self {
        match self {
            Self::Failed(failed) => {
                let (provider, again) = (provider.cloned(), again.clone());
                Self::Failed(Box::new(FailedSignIn { provider, again, ..*failed }))
            }
            office @ Self::Office(_) => office,
        }
    }
}

/// What it means to somebody who signs in that a provider is not known; the log says more.
fn describe(error: &DirectoryError, provider: &ProviderId) -> Failure {
    tracing::warn!(%error, %provider, "a provider cannot be used");
    match error {
        DirectoryError::Document { .. } | DirectoryError::Endpoint { .. } => Failure::ProviderMetadata,
        DirectoryError::Unreachable { cause, .. } if matches!(**cause, OutboundError::TooLarge) => {
            Failure::ProviderMetadata
        }
        _ => Failure::ProviderUnreachable,
    }
}
