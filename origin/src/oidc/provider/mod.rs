//! An `OpenID` provider as a tenant has set it up.

mod auth_method;
mod group_role;
mod settings;

use std::fmt;
use std::str::FromStr;

use sealgate_shared::id::{IdError, TenantId};
use sealgate_shared::time::UnixMillis;
use serde::{Serialize, Serializer};

pub use auth_method::{AuthMethod, BadAuthMethod};
pub use group_role::{BadGroupRole, GroupRole};
pub use settings::{BadSettings, ProviderSettings};

use super::ProviderSecret;

/// What a tenant calls a provider: a slug, in its addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(TenantId);

impl ProviderId {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The path, at each site, to which the provider sends people back.
    pub fn callback_path(&self) -> String {
        format!("/auth/oidc/{self}/callback")
    }
}

impl FromStr for ProviderId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self)
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for ProviderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A provider.
#[derive(Clone, Debug)]
pub struct Provider {
    pub tenant: TenantId,
    pub id: ProviderId,
    pub settings: ProviderSettings,
    /// None for a public client, which has PKCE alone.
    pub secret: Option<ProviderSecret>,
    /// Whether anybody may sign in by it. Logouts are honoured in any case.
    pub enabled: bool,
    /// Whether it is kept in the configuration file: then it is changed there.
    pub managed_by_file: bool,
    pub created_at: UnixMillis,
    pub updated_at: UnixMillis,
}

/// As much of a provider as a list has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSummary {
    pub id: ProviderId,
    pub name: String,
    pub enabled: bool,
}
