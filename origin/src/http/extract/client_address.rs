//! Whose address a request comes from. This is decided here and nowhere else, and never by a header that anybody could
//! have written.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

use super::text_of;
use crate::config::Mode;
use crate::ip_network::IpNetwork;

/// The headers that an edge may say it has the address from. Whoever runs it writes them, whatever the client has sent.
const SOURCES: [&str; 1] = ["cf-connecting-ip"];

/// Proxies in a row at most. What is said of more is not read.
const MAX_HOPS: usize = 16;

/// The address of somebody behind an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct BehindEdge {
    pub(in crate::http) address: IpAddr,
    /// Whether the edge told it. Otherwise it is that of the connection, which all share who come by that edge.
    pub(in crate::http) is_told: bool,
}

/// The address of whoever asks by way of an edge, which must have proved who it is before this is called. In development
/// the runtime knows no address, and the connection's will do.
pub(super) fn behind_edge(parts: &Parts, mode: Mode) -> Option<BehindEdge> {
    let source = text_of(&parts.headers, "x-sealgate-client-ip-source");
    let told = source.filter(|source| SOURCES.contains(source)).and_then(|_| {
        let text = text_of(&parts.headers, "x-sealgate-client-ip")?;
        text.parse().ok().map(|address: IpAddr| address.to_canonical())
    });
    match told {
        Some(address) => Some(BehindEdge { address, is_told: true }),
        None if mode.is_dev() => peer_of(parts).map(|address| BehindEdge { address, is_told: false }),
        None => None,
    }
}

/// The address of whoever has connected, or of whom the proxies that were named say they stand in front.
pub(super) fn of_connection(parts: &Parts, trusted: &[IpNetwork]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer_of(parts)?;
    if !is_trusted(peer) {
        return Some(peer);
    }
    let lines = parts.headers.get_all("x-forwarded-for").iter();
    // What is not text is a hop that cannot be read, and not the end of what a proxy has added to it.
    let lines: Vec<Cow<'_, str>> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    // Each proxy adds on the right whom it was asked by. So what stands left of the first stranger is a stranger's word, and so
    // is what stands left of something that no proxy of ours would write.
    let mut nearest = peer;
    for hop in lines.iter().flat_map(|line| line.split(',')).rev().take(MAX_HOPS) {
        let Some(address) = parse_hop(hop) else { break };
        nearest = address;
        if !is_trusted(address) {
            break;
        }
    }
    Some(nearest)
}

/// The address at the other end of the connection.
fn peer_of(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.ip().to_canonical())
}

/// An address; some proxies add a port, or write IPv6 in brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim_matches([' ', '\t']);
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || hop.parse().ok().map(|hop: SocketAddr| hop.ip());
    hop.parse().ok().or_else(bracketed).or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const CLIENT: &str = "203.0.113.7";

    fn parts(peer: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        if !peer.is_empty() {
            parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 50_000)));
        }
        parts
    }

    fn forwarded(peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<IpNetwork> =
            ["10.0.0.0/8", "2001:db8:aaaa::/48"].iter().map(|network| network.parse().unwrap()).collect();
        let headers: Vec<(&str, &str)> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
        of_connection(&parts(peer, &headers), &trusted).map(|address| address.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_stranger_is_where_the_connection_comes_from() {
        assert_eq!(forwarded(CLIENT, &[]), CLIENT);
        assert_eq!(forwarded(CLIENT, &["198.51.100.1"]), CLIENT);
        assert_eq!(forwarded("::ffff:203.0.113.7", &["198.51.100.1"]), CLIENT);
        assert_eq!(forwarded("2001:db8:bbbb::1", &["198.51.100.1"]), "2001:db8:bbbb::1");
        assert_eq!(forwarded("", &["198.51.100.1"]), "", "nobody has connected");
    }

    #[test]
    fn proxies_are_believed_from_the_right_as_far_as_they_are_ours() {
        for (lines, address) in [
            (&[][..], "10.0.0.1"),
            (&[""], "10.0.0.1"),
            (&["203.0.113.7"], CLIENT),
            (&[" 203.0.113.7\t"], CLIENT),
            (&["198.51.100.1, 203.0.113.7"], CLIENT),
            (&["198.51.100.1,203.0.113.7, 10.9.9.9"], CLIENT),
            (&["198.51.100.1", "203.0.113.7", "10.9.9.9, 10.8.8.8"], CLIENT),
            (&["10.7.7.7, 203.0.113.7"], CLIENT),
            (&["203.0.113.7, 2001:db8:aaaa::1"], CLIENT),
            // All of them are ours: it is one of ours that asks.
            (&["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        ] {
            assert_eq!(forwarded("10.0.0.1", lines), address, "{lines:?}");
            assert_eq!(forwarded("::ffff:10.0.0.1", lines), address, "{lines:?} on a socket for both");
        }
    }

    #[test]
    fn addresses_are_read_in_the_spellings_that_proxies_write() {
        for (hop, address) in [
            ("203.0.113.7:51234", CLIENT),
            ("::ffff:203.0.113.7", CLIENT),
            ("[::ffff:203.0.113.7]:443", CLIENT),
            ("2001:DB8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
        ] {
            assert_eq!(forwarded("10.0.0.1", &[hop]), address, "{hop}");
        }
    }

    #[test]
    fn what_no_proxy_of_ours_would_write_ends_the_reading() {
        for garbage in [
            "unknown",
            "_hidden",
            "",
            "?",
            "203.0.113",
            "203.0.113.7:",
            "203.0.113.7:99999",
            "203.0.113.007",
            "\"203.0.113.7\"",
            "for=203.0.113.7",
            "[203.0.113.7]",
            "[2001:db8::1",
            "2001:db8::1]",
            "fe80::1%eth0",
            "203.0.113.7 198.51.100.1",
            "\u{e9}",
        ] {
            let line = format!("198.51.100.1, {garbage}, 10.9.9.9");
            assert_eq!(forwarded("10.0.0.1", &[&line]), "10.9.9.9", "{garbage:?}");
        }
    }

    #[test]
    fn no_more_hops_are_read_than_anybody_has() {
        let line = format!("{CLIENT}{}", ", 10.2.2.2".repeat(MAX_HOPS - 1));
        assert_eq!(forwarded("10.0.0.1", &[&line]), CLIENT);
        let line = format!("{CLIENT}{}", ", 10.2.2.2".repeat(MAX_HOPS));
        assert_eq!(forwarded("10.0.0.1", &[&line]), "10.2.2.2");
    }

    #[test]
    fn an_edge_is_believed_what_it_names_a_source_for() {
        let address = |headers: &[(&str, &str)], mode| behind_edge(&parts("10.0.0.1", headers), mode);
        let told = |address: &str| Some(BehindEdge { address: address.parse().unwrap(), is_told: true });
        let source = ("x-sealgate-client-ip-source", "cf-connecting-ip");
        let ip = |text| ("x-sealgate-client-ip", text);
        for mode in [Mode::Dev, Mode::Production] {
            assert_eq!(address(&[source, ip(CLIENT)], mode), told(CLIENT));
            assert_eq!(address(&[source, ip("::ffff:203.0.113.7")], mode), told(CLIENT));
            assert_eq!(
                address(&[source, ip("2001:db8::1"), ("x-forwarded-for", "198.51.100.1")], mode),
                told("2001:db8::1")
            );
        }
        let socket = Some(BehindEdge { address: "10.0.0.1".parse().unwrap(), is_told: false });
        let other = ("x-sealgate-client-ip-source", "x-forwarded-for");
        for headers in [
            &[][..],
            &[source],
            &[ip(CLIENT)],
            &[other, ip(CLIENT)],
            &[source, ip("nonsense")],
            &[source, ip("203.0.113.7, 198.51.100.1")],
            &[source, ip("203.0.113.7:80")],
            &[("x-forwarded-for", CLIENT), ("cf-connecting-ip", CLIENT), ("forwarded", "for=203.0.113.7")],
        ] {
            assert_eq!(address(headers, Mode::Production), None, "{headers:?}");
            assert_eq!(address(headers, Mode::Dev), socket, "{headers:?}");
        }
    }
}
