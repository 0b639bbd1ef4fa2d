//! The database, in the words of the domain.
//!
//! One file for each table. Statements are constants, one to a function, and the same for both databases where they
//! agree; rows become domain types before they leave. Nothing outside this folder knows `SQLx` or SQL, and nothing
//! outside `engine`, opening and migrating asks which of the two databases it is.

mod actors;
mod audit;
mod back_channel;
mod backup;
mod break_glass;
mod counters;
mod edges;
mod engine;
mod epoch;
mod examine;
mod follow;
mod location;
mod migrate;
mod oidc_providers;
mod open;
mod pre_login;
mod revocations;
mod sealed;
mod service_tokens;
mod sessions;
mod signing_keys;
mod start_lock;
mod survey;
mod sweep;
mod tenant_hosts;
mod tenants;
mod timestamp;

use std::error::Error;

pub use actors::{Acquaintance, Attributes, ChangeActor};
pub use audit::{
    AuditEntry, AuditEvent, AuditFilter, AuditRecord, AuditRow, ChainLock, NewLink, StoredChain, StoredLink, Unlinked,
};
pub use back_channel::{Logout, LogoutOutcome};
pub use backup::BackupOutcome;
pub use break_glass::{
    BreakGlassInForce, BreakGlassRow, BreakGlassSummary, CountedGuess, Knock, KnockFrom, LaneName, NewBreakGlass, Pass,
    RightGuess, RolesChange, Unlock, name_pass,
};
pub use edges::{EdgeRow, EdgeSummary, NewEdge, NewEdgeSecret, RotationStart};
pub use epoch::Shown;
pub use follow::{Listener, Recorded, Standing, Stretch};
pub use location::{Location, NoLocation};
pub use migrate::{applied_migrations, known_migrations};
pub use oidc_providers::{
    Adopted, Adoption, AdoptionFault, FilePut, NotAdopted, ProviderChange, ProviderOutcome, ProviderPut, ProviderRow,
    SecretChange,
};
pub use open::ServerSettings;
pub use pre_login::{NewPreLogin, PreLogin, PreLoginKey};
pub use sealed::{SealedColumn, SealedRow};
pub use service_tokens::{NewServiceToken, ServiceTokenRow, ServiceTokenSummary};
pub use sessions::{
    ActorFacts, LimitSessions, ListPage, OidcInsert, OidcSignIn, RefreshFacts, RelabelSession, RevokeActor,
    RevokeOutcome, SessionChange, SessionFacts,
};
pub use signing_keys::{
    ActiveKey, ExpiredKeys, KeyHolders, KeyRow, KeyState, KeySummary, KeysRevoked, NewKey, RevokeKeys,
    RevokeKeysOutcome, RotateOutcome, RotateWhen, Rotation,
};
pub use start_lock::StartLock;
pub use survey::{REVOCATION_KINDS, Survey};
pub use sweep::Sweep;
pub use tenants::{DeletedTenant, NewTenant, Site, TenantRow, TenantSummary};

use crate::host_name::HostName;
pub use engine::PoolUse;

use engine::Pool;
use sessions::Group;

/// What can go wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or answers with an error: ours to repair, and nobody's credential is bad.
    #[error("the database does not answer as it should")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Something of that name is there already.
    #[error("there is one already")]
    Exists,
    /// A host belongs to one tenant.
    #[error("another tenant has the host {0}")]
    HostTaken(HostName),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Exists,
            _ => Self::Unavailable(error.into()),
        }
    }
}

/// Shorthand for what the store answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// The store. On `SQLite` many readers and one writer; on `PostgreSQL` both are the same connections.
#[derive(Clone, Debug)]
pub struct Store {
    write: Pool,
    read: Pool,
    /// Where sessions wait to be stored together.
    group: Group,
}

impl Store {
    /// Asks the database for a sign of life, and whether every migration has been applied.
    pub async fn check_ready(&self) -> StoreResult<bool> {
        Ok(migrate::read_latest(&self.read).await? == migrate::latest_version())
    }

    /// How the connections are used. Reading and writing have a pool each, or one in common.
    pub fn connections(&self) -> Vec<PoolUse> {
        match (&self.write, &self.read) {
            (Pool::Postgres(_), _) => vec![self.write.describe("all")],
            (Pool::Sqlite(_), _) => vec![self.write.describe("write"), self.read.describe("read")],
        }
    }

    /// Closes every connection; whatever is asked afterwards is [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}
