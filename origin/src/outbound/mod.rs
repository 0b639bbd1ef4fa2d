//! Asking others over HTTP: `OpenID` providers.
//!
//! Where to ask comes from settings and from what the provider says of itself, so it may lead anywhere: to this machine, to
//! neighbours behind the same firewall, to the cloud's own metadata service. Every address is judged as it is connected to:
//! the one that a name has just been resolved to, and no second look-up in between. An answer is waited for and read so far
//! and no farther; nothing sends us elsewhere, and no proxy of the environment is in the way.

mod addresses;
mod certificate;
mod client;
mod error;
mod names;
mod tls;

use std::time::Duration;

pub use addresses::Forbidden;
pub use client::Outbound;
pub use error::OutboundError;
pub use tls::install_provider;

use crate::ip_network::IpNetwork;

/// The largest answer that is read, in bytes.
pub const MAX_ANSWER: usize = 256 * 1_024;

/// Where may be asked, and how long is waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundSettings {
    /// Development: any address will do.
    pub any_address: bool,
    /// Development: `http:` will do.
    pub plain_http: bool,
    /// Networks that may be asked although nobody on the Internet could: providers on the premises.
    pub allowed_networks: Vec<IpNetwork>,
    /// Until there is a connection.
    pub connect_timeout: Duration,
    /// Until there is an answer, the time above included.
    pub total_timeout: Duration,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self {
            any_address: false,
            plain_http: false,
            allowed_networks: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            // Less than a request of our own may take, so that whoever waits for it is told what was the matter.
            total_timeout: Duration::from_secs(8),
        }
    }
}

#[cfg(test)]
mod tests;
