//! Limits on what a caller may ask for: in memory, each process for itself.
//!
//! They keep one caller from using up what all share. They are not what keeps secrets from being guessed:
//! credentials are 32 random bytes.

mod lane;
mod meter;
mod network;
mod rate;

use std::time::Duration;

use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::time::UnixMillis;

pub(crate) use lane::QUIET;
pub use lane::{Lane, LaneOf};
use meter::Meter;
pub(crate) use network::Network;
pub use rate::{BadRate, Rate};

/// The limits the operator chose; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Requests to `/auth` that only read, for each client address and tenant.
    pub auth: Option<Rate>,
    /// Requests to `/auth` that change something, likewise.
    pub auth_write: Option<Rate>,
    /// Requests to `/auth` of all clients together whose address their edge did not tell, for each edge and
    /// tenant. Shared by strangers, so that one of them could use it up for all: it is there to keep the
    /// database answering, and far above what a site has.
    pub auth_edge: Option<Rate>,
    /// Failed credentials, for each address and for each credential that was named.
    pub credential_failures: Option<Rate>,
    /// Logouts that providers tell, for each address and tenant: all of a provider's people come from one.
    pub back_channel: Option<Rate>,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            auth: Some(Rate::per_minute(600)),
            auth_write: Some(Rate::per_minute(60)),
            auth_edge: Some(Rate::per_second(5_000)),
            credential_failures: Some(Rate::per_minute(60)),
            back_channel: Some(Rate::per_minute(6_000)),
        }
    }
}

/// Who sent a request to `/auth`, as far as the edge knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    Address(Network),
    /// Somebody behind this edge.
    Behind(EdgeId),
}

/// What a request to `/auth` is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    ToRead,
    ToChange,
    /// A provider tells of a logout.
    ForLogout,
}

/// The credential that a request names. Whether there is such a one makes no difference here.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum NamedCredential<'a> {
    ServiceToken(&'a str),
    Edge(&'a EdgeId),
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Auth,
    AuthWrite,
    AuthEdge,
    BackChannel,
    FailuresOfAddress,
    FailuresOfCredential,
}

impl Limit {
    /// The word in the metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthWrite => "auth_write",
            Self::AuthEdge => "auth_edge",
            Self::BackChannel => "back_channel",
            Self::FailuresOfAddress => "failures_of_address",
            Self::FailuresOfCredential => "failures_of_credential",
        }
    }
}

/// A limit was reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limited {
    pub(crate) limit: Limit,
    /// How long until it is worth trying again.
    pub(crate) wait: Duration,
}

/// The limits in force, and what was used of each.
#[derive(Debug)]
pub(crate) struct Limits {
    auth: Option<Meter>,
    auth_write: Option<Meter>,
    auth_edge: Option<Meter>,
    back_channel: Option<Meter>,
    address_failures: Option<Meter>,
    credential_failures: Option<Meter>,
    /// Failed sign-ins that are written down; the rest is counted only.
    notes_of_network: Meter,
    notes_of_tenant: Meter,
}

/// How many failed sign-ins of one network are written down, so that nobody fills the audit table.
const NOTES_OF_NETWORK: Rate = Rate::per_minute(30);
/// And how many of a tenant.
const NOTES_OF_TENANT: Rate = Rate::per_minute(600);

impl Limits {
    pub(crate) fn new(settings: &LimitSettings) -> Self {
        Self {
            auth: settings.auth.map(Meter::new),
            auth_write: settings.auth_write.map(Meter::new),
            auth_edge: settings.auth_edge.map(Meter::new),
            back_channel: settings.back_channel.map(Meter::new),
            address_failures: settings.credential_failures.map(Meter::new),
            credential_failures: settings.credential_failures.map(Meter::new),
            notes_of_network: Meter::new(NOTES_OF_NETWORK),
            notes_of_tenant: Meter::new(NOTES_OF_TENANT),
        }
    }

    /// Whether a failed sign-in is to be written down.
    pub(crate) fn may_note_failure(&self, from: Option<Network>, tenant: &TenantId, now: UnixMillis) -> bool {
        let is_rare = from.is_none_or(|network| self.notes_of_network.take((network, tenant), now).is_ok());
        is_rare && self.notes_of_tenant.take(tenant, now).is_ok()
    }

    /// Counts a request to `/auth`.
    pub(crate) fn admit(
        &self,
        client: &Client,
        tenant: &TenantId,
        asking: Asking,
        now: UnixMillis,
    ) -> Result<(), Limited> {
        let (limit, meter) = match (client, asking) {
            (_, Asking::ForLogout) => (Limit::BackChannel, &self.back_channel),
            (Client::Behind(_), _) => (Limit::AuthEdge, &self.auth_edge),
            (Client::Address(_), Asking::ToChange) => (Limit::AuthWrite, &self.auth_write),
            (Client::Address(_), Asking::ToRead) => (Limit::Auth, &self.auth),
        };
        take(limit, meter.as_ref(), (client, tenant), now)
    }

    /// Counts a failed credential: against the address it came from, and against the credential it named.
    pub(crate) fn count_failure(
        &self,
        from: Option<Network>,
        named: Option<NamedCredential<'_>>,
        now: UnixMillis,
    ) -> Result<(), Limited> {
        let of_address =
            from.map_or(Ok(()), |network| take(Limit::FailuresOfAddress, self.address_failures.as_ref(), network, now));
        let of_credential = named
            .map_or(Ok(()), |named| take(Limit::FailuresOfCredential, self.credential_failures.as_ref(), named, now));
        match (of_address, of_credential) {
            // The longer wait of the two is the true one.
            (Err(one), Err(other)) => Err(if one.wait >= other.wait { one } else { other }),
            (of_address, of_credential) => of_address.and(of_credential),
        }
    }
}

fn take(limit: Limit, meter: Option<&Meter>, key: impl std::hash::Hash, now: UnixMillis) -> Result<(), Limited> {
    meter.map_or(Ok(()), |meter| meter.take(key, now).map_err(|wait| Limited { limit, wait }))
}
