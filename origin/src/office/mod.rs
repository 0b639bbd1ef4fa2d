//! The office: everything sealgate does with sessions, keys and credentials, whoever asks for it, the HTTP
//! interface or the command line.

mod actors;
mod audit;
mod back_channel;
mod break_glass;
mod create;
mod edges;
mod feed;
mod housekeeping;
mod inspect;
mod key_cache;
mod keyring;
mod memory;
mod mint;
mod oidc_providers;
mod own_sessions;
mod personal;
mod recognise;
mod refresh;
mod reseal;
mod restore;
mod revoke;
mod revoke_keys;
mod rotate;
mod samples;
mod secrets;
mod sign_in;
mod sign_out;
mod signer;
mod tenant_keys;
mod tenants;

use std::time::Duration;

use sealgate_shared::cookie::CookieNames;
use sealgate_shared::id::{EdgeId, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;

pub use audit::{AuditFinding, AuditRowName, AuditVerified, Link, Linked, NotTold, ToldLink};
pub(crate) use back_channel::BackChannelError;
pub use break_glass::{BreakGlassSet, Guess, GuessRefusal, Guessed, SetBreakGlass};
pub use create::ServiceTokenRequest;
pub use feed::{HeadRequest, ProvedEdge, Reader};
pub use housekeeping::{Housekeeping, HousekeepingSettings};
pub use inspect::{Finding, Inspection};
pub use keyring::SealedKeyring;
pub use memory::SessionStanding;
pub use mint::MintRequest;
pub(crate) use mint::Minting;
pub use oidc_providers::{AdoptError, NewSecret};
pub use personal::KeepPersonal;
pub use recognise::{Credentials, Recognised, Recognition};
pub use refresh::{Issued, RefreshCookie, RefreshKind, RefreshRefusal, RefreshRequest, Refreshed, Refreshing};
pub use reseal::Resealed;
pub use restore::AfterRestore;
pub use rotate::rotation_due;
pub use samples::Samples;
pub use secrets::{KekUse, SecretsFound};
pub(crate) use sign_in::{Again, BeginSignIn, FailedSignIn, FinishSignIn, LOGIN_MS, SignInError};
pub use tenant_keys::TenantKeys;

use crate::clock::Clock;
use crate::random::NoRandomness;
use crate::session::Lifetimes;
use crate::store::{Store, StoreError};
use crate::vault::{Vault, VaultError};
use break_glass::Hasher;
use feed::Feed;
use key_cache::KeyCache;
use memory::Memory;

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
    #[error("the tenant {0} is disabled")]
    TenantDisabled(TenantId),
    #[error("there is no edge {0}")]
    EdgeNotFound(EdgeId),
    #[error("a rotation of edge {0} is under way: finish or cancel it first")]
    EdgeRotating(EdgeId),
    #[error("no rotation of edge {0} is under way")]
    EdgeNotRotating(EdgeId),
    /// Long ids and many roles add up.
    #[error("the token would be longer than 1,024 characters: fewer or shorter roles, or a shorter actor id")]
    TokenTooLong,
    /// What must hold in a sound database does not.
    #[error("{0}")]
    Broken(&'static str),
    /// Not a live session of that actor.
    #[error("session {0} is not a live one of the same actor")]
    ReplacesMismatch(SessionId),
    /// Each time we had signed, the keys had changed.
    #[error("the keys are being rotated faster than a session can be signed")]
    KeysInMotion,
}

/// How the office is to work.
#[derive(Clone, Copy, Debug)]
pub struct OfficeSettings {
    pub lifetimes: Lifetimes,
    /// What sealgate's cookies are called.
    pub cookies: CookieNames,
    pub after_restore: AfterRestore,
    /// How many live sessions an actor may have.
    pub sessions_per_actor: u32,
    pub keep: KeepPersonal,
}

/// The office.
#[derive(Debug)]
pub struct Office {
    store: Store,
    vault: Vault,
    clock: Clock,
    settings: OfficeSettings,
    keys: KeyCache,
    memory: Memory,
    feed: Feed,
    /// Hashes the passwords of operators.
    hasher: Hasher,
}

impl Office {
    /// Opens the office over a store. Raises the longest token lifetime that verifiers are told about to
    /// the one in force.
    pub async fn open(store: Store, vault: Vault, clock: Clock, settings: OfficeSettings) -> Result<Self, OfficeError> {
        store.raise_token_lifetime(settings.lifetimes.access_ms()).await?;
        Ok(Self::new(store, vault, clock, settings))
    }

    /// The office over a store that is left as it is.
    pub(crate) fn new(store: Store, vault: Vault, clock: Clock, settings: OfficeSettings) -> Self {
        let (keys, memory, feed) = (KeyCache::default(), Memory::default(), Feed::default());
        Self { store, vault, clock, settings, keys, memory, feed, hasher: Hasher::default() }
    }

    /// The time.
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// By how many milliseconds this machine's clock differs from the database's.
    pub fn clock_error_ms(&self) -> u64 {
        self.clock.correction_ms().unsigned_abs()
    }

    /// How old the last reading of what has changed is; `None` when it is too old to answer anything from, or nobody reads.
    pub fn reading_age(&self) -> Option<Duration> {
        self.memory.standing().map(|(_, age)| age)
    }

    /// What sealgate's cookies are called here.
    pub const fn cookies(&self) -> CookieNames {
        self.settings.cookies
    }

    /// The database.
    pub const fn store(&self) -> &Store {
        &self.store
    }
}
