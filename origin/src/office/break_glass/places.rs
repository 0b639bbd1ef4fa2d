//! Where a guess is counted.
//!
//! Addresses are not kept: the place of a network is a hash under the tenant's own key. There are so many places and no more,
//! for networks and for names that are no account's: what an attacker invents takes no room. Whoever shares a place with an
//! attacker's network, one in 65,536, waits with it.

use std::net::IpAddr;

use sealgate_shared::id::{ActorId, TenantId};
use sealgate_shared::secret::Secret32;
use sha2::{Digest as _, Sha256};

use crate::limit::Network;
use crate::office::{Office, OfficeError};
use crate::session::fingerprint;
use crate::store::{Knock, LaneName, name_pass};

/// Places for names that are no account's.
const UNKNOWN: u16 = 1_024;

/// A network, as the lanes of one tenant know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NetworkPlace(u64);

impl NetworkPlace {
    fn new(key: &Secret32, network: Network) -> Self {
        let hash = fingerprint(key, &format!("break-glass {network}"));
        Self(u64::from_be_bytes(*hash.first_chunk().expect("a hash has 32 bytes")))
    }

    /// Where the guesses from the network are counted.
    pub(super) fn lane(self) -> LaneName {
        let [a, b, ..] = self.0.to_be_bytes();
        LaneName::of_network(u16::from_be_bytes([a, b]))
    }

    /// What says that the network is let past the count of an account. Here it is told from every other.
    pub(super) fn pass(self, account: &ActorId) -> String {
        name_pass(self.0, account)
    }
}

/// Where somebody is, for the log: `203.0.113.7`, `2001:db8:1:2::/64` or `unknown`.
pub(super) fn name_network(address: Option<IpAddr>) -> String {
    let Some(address) = address else { return "unknown".to_owned() };
    let network = Network::from(address);
    if address.to_canonical().is_ipv6() { format!("{network}/64") } else { network.to_string() }
}

impl Office {
    /// The place of an address.
    pub(super) async fn network_place(&self, tenant: &TenantId, address: IpAddr) -> Result<NetworkPlace, OfficeError> {
        let keys = self.keys_last_seen(tenant).await?;
        Ok(NetworkPlace::new(&keys.fingerprint_key, Network::from(address)))
    }
}

/// The lanes in which a guess is counted, the account's before the network's. Whoever is let through is not in the account's.
pub(super) fn lanes(knock: &Knock, typed: &str, network: Option<NetworkPlace>) -> Vec<LaneName> {
    let account = || match &knock.account {
        Some(account) => LaneName::of_account(&account.actor.id, knock.is_newcomer),
        None => LaneName::of_unknown(place_of_unknown(typed), knock.is_newcomer),
    };
    let account = (!knock.is_let_through).then(account);
    account.into_iter().chain(network.map(NetworkPlace::lane)).collect()
}

fn place_of_unknown(typed: &str) -> u16 {
    let [a, b, ..]: [u8; 32] = Sha256::digest(typed).into();
    u16::from_be_bytes([a, b]) % UNKNOWN
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::session::Actor;
    use crate::store::BreakGlassRow;

    fn place(key: u8, address: &str) -> NetworkPlace {
        NetworkPlace::new(&Secret32::new([key; 32]), Network::from(address.parse::<IpAddr>().unwrap()))
    }

    #[test]
    fn a_network_has_one_place_which_nobody_can_tell_without_the_key() {
        assert_eq!(place(1, "2001:db8:1:2::1"), place(1, "2001:db8:1:2:ffff::"));
        assert_eq!(place(1, "192.0.2.1"), place(1, "::ffff:192.0.2.1"));
        assert_ne!(place(1, "192.0.2.1"), place(1, "192.0.2.2"));
        assert_ne!(place(1, "192.0.2.1"), place(2, "192.0.2.1"));
    }

    #[test]
    fn a_network_is_told_as_its_holder_cannot_change_it() {
        for (address, network) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(name_network(Some(address.parse().unwrap())), network);
        }
        assert_eq!(name_network(None), "unknown");
    }

    fn knock(account: Option<&str>, is_newcomer: bool, is_let_through: bool) -> Knock {
        let account = account.map(|id| BreakGlassRow {
            actor: Actor { kind: "operator".parse().unwrap(), id: id.parse().unwrap() },
            password_hash: String::new(),
            roles: None,
            assurance: 0,
        });
        Knock { is_on: true, account, is_let_through, is_newcomer }
    }

    #[test]
    fn there_are_no_more_lanes_than_places() {
        let stranger = knock(None, true, false);
        let lane = |number: u32| lanes(&stranger, &format!("name-{number}"), None).remove(0).name;
        let names: BTreeSet<String> = (0..50_000).map(lane).collect();
        assert_eq!(names.len(), usize::from(UNKNOWN));
    }

    #[test]
    fn the_account_comes_first_and_not_at_all_for_those_who_are_let_through() {
        let here = Some(place(1, "192.0.2.1"));
        let names = |account, is_newcomer, is_let_through| {
            let lanes = lanes(&knock(account, is_newcomer, is_let_through), "ada", here);
            lanes.into_iter().map(|lane| lane.name.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(Some("ada"), true, false), ["newcomers", "network"]);
        assert_eq!(names(Some("ada"), false, false), ["account", "network"]);
        assert_eq!(names(None, true, false), ["strangers", "network"]);
        assert_eq!(names(None, false, false), ["unknown", "network"]);
        assert_eq!(names(Some("ada"), true, true), ["network"]);
    }
}
