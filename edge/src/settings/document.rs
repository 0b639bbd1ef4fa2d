//! The JSON of the configuration.

use sealgate_shared::id::{EdgeId, TenantId};
use serde::Deserialize;

use crate::routes::Route;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) edge: EdgeId,
    pub(super) origin_public: String,
    pub(super) origin_private: String,
    #[serde(default)]
    pub(super) check_cache_ms: u64,
    #[serde(default)]
    pub(super) feed_cache: FeedCache,
    #[serde(default = "default_open_for_ms")]
    pub(super) open_for_ms: u64,
    #[serde(default)]
    pub(super) dev_cookies: bool,
    #[serde(default)]
    pub(super) client_address: ClientAddress,
    /// Read by the entry module: whether answers say what was waited for.
    #[serde(default, rename = "server_timing")]
    _server_timing: bool,
    pub(super) tenants: Vec<TenantDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantDocument {
    pub(super) id: TenantId,
    pub(super) hosts: Vec<String>,
    pub(super) upstream: Option<String>,
    #[serde(default = "default_sign_in")]
    pub(super) sign_in: String,
    #[serde(default)]
    pub(super) routes: Vec<Route>,
    pub(super) assertion: Option<bool>,
    pub(super) audience: Option<String>,
}

/// Which cache may answer for the origin with the feed's head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum FeedCache {
    /// None: every isolate asks the origin, and a revocation is felt within one second.
    #[default]
    #[serde(rename = "off")]
    Off,
    /// The runtime's own, which isolates of a place share, for a second: the origin is asked once a second and place, and
    /// a revocation is felt within three.
    #[serde(rename = "1s")]
    OneSecond,
}

/// Which header of a request tells whom it comes from. A header that anybody may write tells nothing: each of these is written
/// by the runtime, whatever the client has sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum ClientAddress {
    /// The one that Cloudflare writes.
    #[default]
    #[serde(rename = "cf-connecting-ip")]
    CfConnectingIp,
    /// None: the edge runs where nobody writes such a header, and clients may.
    #[serde(rename = "none")]
    Unknown,
}

impl ClientAddress {
    /// The header's name.
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::CfConnectingIp => Some("cf-connecting-ip"),
            Self::Unknown => None,
        }
    }
}

const fn default_open_for_ms() -> u64 {
    60_000
}

fn default_sign_in() -> String {
    "/auth/login".to_owned()
}
