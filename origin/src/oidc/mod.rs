//! What `OpenID` providers say, and how far it is believed.

pub(crate) mod authorize;
pub(crate) mod claims;
mod directory;
pub(crate) mod exchange;
mod failure;
mod fetch;
pub(crate) mod id_token;
pub(crate) mod identity;
mod issuer;
pub mod jws;
pub(crate) mod logout_token;
mod metadata;
mod probe;
mod provider;
pub(crate) mod response;
mod secret;
pub(crate) mod userinfo;

use openidconnect::core::CoreJwsSigningAlgorithm;

pub use directory::Directory;
pub use failure::Failure;
pub use fetch::DirectoryError;
pub use issuer::{BadIssuer, Issuer};
pub(crate) use logout_token::LogoutFault;
pub use metadata::{BadDocument, Metadata, MoreMetadata};
pub use probe::{ProbeFinding, Verdict};
pub use provider::{
    AuthMethod, BadAuthMethod, BadGroupRole, BadSettings, GroupRole, Provider, ProviderId, ProviderSettings,
    ProviderSummary,
};
pub use secret::{BadSecret, ProviderSecret};

/// The algorithms by which a provider's tokens may be signed: with a key of which only the provider has the secret half.
/// What is signed with the client's secret (HS256 and the like), or not at all, is not among them.
pub const ALLOWED_ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];
