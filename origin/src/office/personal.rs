//! What is kept of the person behind a session beyond what the session needs.

use std::net::IpAddr;

/// The most characters of a user agent that are kept: browsers' own are shorter, and others may send what they like.
const MAX_USER_AGENT: usize = 1_024;

/// What the operator wants kept: nothing, unless they say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepPersonal {
    /// The address that the session is used from.
    pub ip: bool,
    /// The browser's user agent.
    pub user_agent: bool,
}

impl KeepPersonal {
    /// The address, if it is kept.
    pub(super) fn address(self, ip: Option<IpAddr>) -> Option<IpAddr> {
        ip.filter(|_| self.ip)
    }

    /// The user agent, if it is kept.
    pub(super) fn browser(self, user_agent: Option<&str>) -> Option<String> {
        let kept = user_agent.filter(|_| self.user_agent)?;
        Some(kept.chars().take(MAX_USER_AGENT).collect())
    }
}
