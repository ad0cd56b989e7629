//! Where a request came from.

use std::net::{IpAddr, Ipv4Addr};

/// The other end of a request, as the gateway saw it (never as a header claims).
#[derive(Clone, Debug)]
pub struct Requester {
    /// The address that the gateway saw.
    pub ip: IpAddr,
    /// What the client calls itself; printable, at most [`LONGEST_USER_AGENT`] characters.
    pub user_agent: String,
}

/// Real user agents stay below; the rest of a longer one says nothing that helps a person.
pub const LONGEST_USER_AGENT: usize = 256;

impl Requester {
    /// A requester with a user agent fit to be stored and shown.
    pub fn new(ip: IpAddr, user_agent: &str) -> Self {
        let user_agent =
            user_agent.chars().filter(|c| !c.is_control()).take(LONGEST_USER_AGENT).collect();
        Self { ip, user_agent }
    }

    /// The service itself, where it does something in somebody's name that nobody asks for at that moment.
    pub fn service() -> Self {
        Self::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), "account service")
    }

    /// What throttles count by: the IPv4 address, or the IPv6 network (/64: what one customer of a
    /// provider has, and may choose from freely).
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
    fn one_ipv6_network_counts_as_one() {
        let network = |ip: &str| Requester::new(ip.parse().unwrap(), "").network();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn a_user_agent_is_made_printable_and_short() {
        let requester = Requester::new(
            "203.0.113.9".parse().unwrap(),
            &format!("a\u{0}\nb{}", "c".repeat(999)),
        );
        assert!(requester.user_agent.starts_with("abc"));
        assert_eq!(requester.user_agent.chars().count(), LONGEST_USER_AGENT);
    }
}
