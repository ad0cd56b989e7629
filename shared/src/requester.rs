//! The origin of a request.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

/// The network address and user agent of a request, as API Gateway or the CDN in front of it observed them.
/// Headers such as `X-Forwarded-For`, which a caller can forge, never count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Requester {
    /// The address of the client: the source of its connection to API Gateway or to the CDN.
    pub ip: IpAddr,
    /// The `User-Agent` header without control characters, at most [`MAX_USER_AGENT_LEN`] characters.
    pub user_agent: String,
}

/// Longest stored user agent in characters. User agents of browsers are shorter.
pub const MAX_USER_AGENT_LEN: usize = 256;

impl Requester {
    /// Creates a requester; cleans and truncates the user agent.
    pub fn new(ip: IpAddr, user_agent: &str) -> Self {
        let user_agent =
            user_agent.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT_LEN).collect();
        Self { ip, user_agent }
    }

    /// Returns the requester of changes that the service makes by itself, without a request.
    pub fn service() -> Self {
        Self::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), "account service")
    }

    /// Returns the requester of changes that an operator makes. It names no address, because that is the operator's.
    pub fn support() -> Self {
        Self::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), "support")
    }

    /// Returns the network by which throttles count: the IPv4 address, or the IPv6 /64 prefix. A provider
    /// assigns a /64 to one customer, who can use any address in it.
    pub fn network(&self) -> String {
        match self.ip.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_prefix_are_one_network() {
        let network = |ip: &str| Requester::new(ip.parse().unwrap(), "").network();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn a_user_agent_is_cleaned_and_truncated() {
        let requester = Requester::new(
            "203.0.113.9".parse().unwrap(),
            &format!("a\u{0}\nb{}", "c".repeat(999)),
        );
        assert!(requester.user_agent.starts_with("abc"));
        assert_eq!(requester.user_agent.chars().count(), MAX_USER_AGENT_LEN);
    }
}
