//! The network addresses from which a token may be used.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Maximum number of networks in the list of a token.
pub const MAX_ALLOWED_IPS: usize = 20;

/// Number of leading bits of an IPv6 address that maps an IPv4 address (RFC 4291, 2.5.5.2).
const MAPPED_PREFIX_LEN: u8 = 96;

/// The networks from which a token may be used. The default is every address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Option<Vec<String>>", try_from = "Option<Vec<String>>")]
pub struct AllowedIps(Option<BTreeSet<IpNet>>);

impl AllowedIps {
    /// Creates the list from networks in CIDR notation and single addresses, of IPv4 and IPv6. Bits behind the
    /// prefix of a network are ignored. Without a list, every address is allowed.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] of `allowed_ips` if the list is empty, has more than [`MAX_ALLOWED_IPS`]
    ///   entries, or has an entry that is neither a network nor an address.
    pub fn parse(listed: Option<Vec<String>>) -> Result<Self> {
        let invalid = |why: String| Error::invalid_field("allowed_ips", why);
        let Some(listed) = listed else { return Ok(Self::default()) };
        if listed.is_empty() || listed.len() > MAX_ALLOWED_IPS {
            return Err(invalid(format!("must have 1 to {MAX_ALLOWED_IPS} entries")));
        }
        let networks = listed.iter().map(|entry| parse_network(entry)).collect::<Option<_>>();
        let not_a_network =
            "must list addresses and networks, such as 203.0.113.9 and 2001:db8::/32";
        networks.map(|networks| Self(Some(networks))).ok_or_else(|| invalid(not_a_network.into()))
    }

    /// Returns whether every address is allowed.
    pub(crate) fn is_unrestricted(&self) -> bool {
        self.0.is_none()
    }

    /// Returns whether a request from this address may use the token.
    pub(crate) fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.as_ref().is_none_or(|networks| networks.iter().any(|network| network.contains(&ip)))
    }

    /// Lists the networks for a response. `None` if every address is allowed.
    pub(crate) fn to_list(&self) -> Option<Vec<String>> {
        self.0.as_ref().map(|networks| networks.iter().map(show_network).collect())
    }
}

/// Parses a network or a single address. An IPv4 network that is written as IPv6 counts as IPv4, like the address of
/// a request.
fn parse_network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let network =
        text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    match network {
        IpNet::V6(mapped) if mapped.prefix_len() >= MAPPED_PREFIX_LEN => {
            match mapped.addr().to_ipv4_mapped() {
                Some(address) => {
                    let prefix_len = mapped.prefix_len() - MAPPED_PREFIX_LEN;
                    Ipv4Net::new(address, prefix_len).ok().map(|network| IpNet::V4(network.trunc()))
                }
                None => Some(network.trunc()),
            }
        }
        IpNet::V4(_) | IpNet::V6(_) => Some(network.trunc()),
    }
}

/// Shows a network in CIDR notation, and a single address without a prefix length.
fn show_network(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

impl From<AllowedIps> for Option<Vec<String>> {
    fn from(allowed: AllowedIps) -> Self {
        allowed.to_list()
    }
}

impl TryFrom<Option<Vec<String>>> for AllowedIps {
    type Error = Error;

    fn try_from(stored: Option<Vec<String>>) -> Result<Self> {
        Self::parse(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(entries: &[&str]) -> Result<AllowedIps> {
        AllowedIps::parse(Some(entries.iter().map(|entry| (*entry).to_owned()).collect()))
    }

    #[test]
    fn addresses_and_networks_of_both_versions_are_accepted() {
        let allowed = parse(&["203.0.113.9", "198.51.100.77/24", "2001:db8::1/32", "::1"]).unwrap();
        for ip in ["203.0.113.9", "::ffff:203.0.113.9", "198.51.100.1", "2001:db8:9::", "::1"] {
            assert!(allowed.contains(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["203.0.113.8", "198.51.101.1", "2001:db9::", "::2", "127.0.0.1"] {
            assert!(!allowed.contains(ip.parse().unwrap()), "{ip}");
        }
        let shown = ["198.51.100.0/24", "203.0.113.9", "::1", "2001:db8::/32"];
        assert_eq!(allowed.to_list().unwrap(), shown);
        let mapped = parse(&["::ffff:192.0.2.0/120", "::ffff:192.0.3.1"]).unwrap();
        assert_eq!(mapped.to_list().unwrap(), ["192.0.2.0/24", "192.0.3.1"]);
    }

    #[test]
    fn without_a_list_every_address_is_allowed() {
        let all = AllowedIps::parse(None).unwrap();
        assert!(all.is_unrestricted() && all.to_list().is_none());
        assert!(all.contains("203.0.113.9".parse().unwrap()));
        let everything = parse(&["0.0.0.0/0"]).unwrap();
        assert!(everything.contains("203.0.113.9".parse().unwrap()));
        assert!(!everything.contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn the_number_of_entries_is_limited() {
        assert!(parse(&[]).is_err());
        assert!(parse(&["203.0.113.9"; MAX_ALLOWED_IPS]).is_ok());
        assert!(parse(&["203.0.113.9"; MAX_ALLOWED_IPS + 1]).is_err());
    }

    #[test]
    fn other_text_is_refused() {
        for bad in ["", "x", "203.0.113", "203.0.113.9/33", "2001:db8::/129", "example.com", "*"] {
            assert!(parse(&["203.0.113.9", bad]).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_stored_list_is_read_unchanged(bits: u128, v4: bool, prefix in 0_u8..=32) {
            let ip = if v4 {
                IpAddr::V4((u32::try_from(bits >> 96).unwrap()).into())
            } else {
                IpAddr::V6(bits.into())
            };
            let allowed = parse(&[&format!("{ip}/{prefix}")]).unwrap();
            prop_assert!(allowed.contains(ip));
            let stored = serde_json::to_value(&allowed).unwrap();
            prop_assert_eq!(serde_json::from_value::<AllowedIps>(stored).unwrap(), allowed);
        }
    }
}
