//! Which addresses are nobody's on the Internet, and so none of a provider's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::OutboundSettings;
use crate::ip_network::IpNetwork;

/// Special networks (IANA's registries of special-purpose addresses, RFC 6890), and what each is.
const SPECIAL: &[(IpNetwork, &str)] = &[
    (IpNetwork::v4([0, 0, 0, 0], 8), "an unspecified address"),
    (IpNetwork::v4([10, 0, 0, 0], 8), "a private address"),
    (IpNetwork::v4([100, 64, 0, 0], 10), "an address of a carrier's own network"),
    (IpNetwork::v4([127, 0, 0, 0], 8), "this machine itself"),
    (IpNetwork::v4([169, 254, 0, 0], 16), "a link-local address, where clouds keep their metadata"),
    (IpNetwork::v4([172, 16, 0, 0], 12), "a private address"),
    (IpNetwork::v4([192, 0, 0, 0], 24), "a reserved address"),
    (IpNetwork::v4([192, 0, 2, 0], 24), "an address for documentation"),
    (IpNetwork::v4([192, 88, 99, 0], 24), "a reserved address"),
    (IpNetwork::v4([192, 168, 0, 0], 16), "a private address"),
    (IpNetwork::v4([198, 18, 0, 0], 15), "an address for measurements"),
    (IpNetwork::v4([198, 51, 100, 0], 24), "an address for documentation"),
    (IpNetwork::v4([203, 0, 113, 0], 24), "an address for documentation"),
    (IpNetwork::v4([224, 0, 0, 0], 4), "a multicast address"),
    // With the broadcast address at its end.
    (IpNetwork::v4([240, 0, 0, 0], 4), "a reserved address"),
    // Alibaba's and Oracle's metadata are in networks above; this is Azure's, in the middle of the Internet.
    (IpNetwork::v4([168, 63, 129, 16], 32), "the address of a cloud's metadata"),
    // Unspecified, loopback, and the ancient way to write IPv4.
    (IpNetwork::v6([0, 0, 0, 0], 64), "this machine itself, or no address"),
    // NAT64 for networks of their own: nobody can say what is behind it (RFC 8215).
    (IpNetwork::v6([0x64, 0xff9b, 1, 0], 48), "a private address"),
    (IpNetwork::v6([0x100, 0, 0, 0], 64), "an address that leads nowhere"),
    (IpNetwork::v6([0x2001, 0, 0, 0], 23), "a reserved address"),
    (IpNetwork::v6([0x2001, 0xdb8, 0, 0], 32), "an address for documentation"),
    (IpNetwork::v6([0x3fff, 0, 0, 0], 20), "an address for documentation"),
    (IpNetwork::v6([0x5f00, 0, 0, 0], 16), "a reserved address"),
    (IpNetwork::v6([0xfc00, 0, 0, 0], 7), "a private address"),
    (IpNetwork::v6([0xfe80, 0, 0, 0], 10), "a link-local address"),
    (IpNetwork::v6([0xfec0, 0, 0, 0], 10), "a private address"),
    (IpNetwork::v6([0xff00, 0, 0, 0], 8), "a multicast address"),
];

/// Forms of IPv6 in which an address of IPv4 travels, and the byte at which it begins.
const CARRIERS: &[(IpNetwork, usize)] = &[
    // NAT64 (RFC 6052), 6to4 (RFC 3056).
    (IpNetwork::v6([0x64, 0xff9b, 0, 0], 96), 12),
    (IpNetwork::v6([0x2002, 0, 0, 0], 16), 2),
];

/// An address that is not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is {what}")]
pub struct Forbidden {
    pub address: IpAddr,
    what: &'static str,
}

/// Refuses an address that is not to be asked.
pub(super) fn judge(address: IpAddr, settings: &OutboundSettings) -> Result<(), Forbidden> {
    if settings.any_address || settings.allowed_networks.iter().any(|network| network.contains(address)) {
        return Ok(());
    }
    match find_fault(address) {
        Some(what) => Err(Forbidden { address, what }),
        None => Ok(()),
    }
}

fn find_fault(address: IpAddr) -> Option<&'static str> {
    let address = address.to_canonical();
    if let Some(carried) = carried(address)
        && let Some(what) = find_fault(carried)
    {
        return Some(what);
    }
    SPECIAL.iter().find(|(network, _)| network.contains(address)).map(|&(_, what)| what)
}

/// The address of IPv4 that travels in one of IPv6.
fn carried(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(address) = address else { return None };
    let &(_, start) = CARRIERS.iter().find(|(network, _)| network.contains(address.into()))?;
    let bytes: [u8; 4] = Ipv6Addr::octets(&address).get(start..start + 4)?.try_into().ok()?;
    Some(Ipv4Addr::from(bytes).into())
}
