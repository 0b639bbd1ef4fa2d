//! The office: everything sealgate does with sessions, keys and credentials, whoever asks for it, the HTTP
//! interface or the command line.

mod create;
mod inspect;
mod key_cache;
mod keyring;
mod mint;
mod recognise;
mod rotate;
mod samples;
mod secrets;
mod tenant_keys;

use sealgate_shared::cookie::CookieNames;
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::time::UnixMillis;

pub use create::ServiceTokenRequest;
pub use inspect::{Finding, Inspection};
pub use keyring::SealedKeyring;
pub use mint::{MintRequest, Minted};
pub use recognise::{Recognised, Recognition};
pub use samples::Samples;
pub use secrets::SecretsFound;
pub use tenant_keys::TenantKeys;

use crate::clock::Clock;
use crate::random::NoRandomness;
use crate::session::Lifetimes;
use crate::store::{Store, StoreError};
use crate::vault::{Vault, VaultError};
use key_cache::KeyCache;

/// Why the office could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error("there is no tenant {0}")]
    TenantNotFound(TenantId),
    #[error("there is no edge {0}")]
    EdgeNotFound(EdgeId),
    /// Long ids and many roles add up.
    #[error("the token would be longer than 1,024 characters: fewer or shorter roles, or a shorter actor id")]
    TokenTooLong,
    /// What must hold in a sound database does not.
    #[error("{0}")]
    Broken(&'static str),
    /// Each time we had signed, the keys had changed.
    #[error("the keys are being rotated faster than a session can be signed")]
    KeysInMotion,
}

/// The office.
#[derive(Debug)]
pub struct Office {
    store: Store,
    vault: Vault,
    clock: Clock,
    lifetimes: Lifetimes,
    cookies: CookieNames,
    keys: KeyCache,
}

impl Office {
    /// Opens the office over a store. Raises the longest token lifetime that verifiers are told about to
    /// the one in force.
    pub async fn open(
        store: Store,
        vault: Vault,
        clock: Clock,
        lifetimes: Lifetimes,
        cookies: CookieNames,
    ) -> Result<Self, OfficeError> {
        store.raise_token_lifetime(lifetimes.access_ms()).await?;
        Ok(Self::new(store, vault, clock, lifetimes, cookies))
    }

    /// The office over a store that is left as it is.
    pub(crate) fn new(store: Store, vault: Vault, clock: Clock, lifetimes: Lifetimes, cookies: CookieNames) -> Self {
        Self { store, vault, clock, lifetimes, cookies, keys: KeyCache::default() }
    }

    /// The time.
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// What sealgate's cookies are called here.
    pub const fn cookies(&self) -> CookieNames {
        self.cookies
    }

    /// The database.
    pub const fn store(&self) -> &Store {
        &self.store
    }
}
