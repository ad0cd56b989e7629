//! Email addresses in normalized form.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Maximum bytes of an address (RFC 5321 4.5.3.1.3, without the angle brackets).
pub const MAX_ADDRESS_LEN: usize = 254;

/// Maximum bytes of the part before the @ (RFC 5321 4.5.3.1.1).
const MAX_LOCAL_PART_LEN: usize = 64;

/// An email address that SES can send to, normalized for comparison and storage: in lower case, with the
/// domain in its ASCII form. `Dev@Bücher.example` becomes `dev@xn--bcher-kva.example`.
///
/// The part before the @ must be ASCII, because SES requires it. Look-alike letters of other scripts are
/// therefore refused there, and show as `xn--…` in the domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses an address as a person types it. Surrounding white space is ignored.
    ///
    /// # Errors
    /// - [`Error::Missing`] of the field `email` if the text is blank.
    /// - [`Error::InvalidEmail`] if the text is no address that SES can send to.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::missing("email"));
        }
        Self::normalize(text).map(Self).ok_or(Error::InvalidEmail)
    }

    fn normalize(text: &str) -> Option<String> {
        // This only bounds the work. Normalization never shortens an address that much.
        if text.len() > 4 * MAX_ADDRESS_LEN {
            return None;
        }
        let (local, domain) = text.rsplit_once('@')?;
        if !is_dot_atom(local) || local.len() > MAX_LOCAL_PART_LEN {
            return None;
        }
        let domain = idna::domain_to_ascii_strict(domain).ok()?;
        if !is_mail_domain(&domain) {
            return None;
        }
        let address = format!("{}@{domain}", local.to_ascii_lowercase());
        (address.len() <= MAX_ADDRESS_LEN).then_some(address)
    }

    /// Returns the normalized address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the @.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or(self.as_str(), |(local, _)| local)
    }

    /// Returns the address as `b•••@example.org`, which its owner recognizes. The part before the @ is hidden because
    /// another person may have chosen it as a message to the reader.
    pub fn masked(&self) -> String {
        let first: String = self.local_part().chars().take(1).collect();
        format!("{first}•••@{}", self.domain())
    }

    /// Returns the part after the @, in ASCII and lower case.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Returns whether the text is a dot-atom (RFC 5322 3.2.3): words of `atext`, separated by single dots. Quoted
/// local parts are refused, because real addresses do not use them.
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    })
}

/// Returns whether the domain has at least two labels and does not end in a number. SES sends no mail to
/// `localhost` or `127.0.0.1`.
fn is_mail_domain(domain: &str) -> bool {
    let mut labels = domain.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let top_is_name = top.len() >= 2 && !top.bytes().all(|b| b.is_ascii_digit());
    top_is_name && labels.next().is_some() && domain.split('.').all(|label| !label.is_empty())
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_address_normalize_alike() {
        for same in ["dev@example.com", "Dev@Example.COM", " dev@example.com\n", "dev@ｅxample.com"]
        {
            assert_eq!(EmailAddress::parse(same).unwrap().as_str(), "dev@example.com", "{same}");
        }
        assert_eq!(
            EmailAddress::parse("a+b@Bücher.example").unwrap().as_str(),
            "a+b@xn--bcher-kva.example"
        );
    }

    #[test]
    fn look_alikes_are_other_addresses_or_refused() {
        // A Cyrillic а in the domain makes another domain, whose ASCII form shows the difference.
        let cyrillic = EmailAddress::parse("dev@ex\u{430}mple.com").unwrap();
        assert!(cyrillic.as_str().contains("xn--"));
        // SES can't send to a Cyrillic е, the Kelvin sign or a dotless i in the local part.
        for local in ["d\u{435}v", "\u{212a}evin", "d\u{131}v"] {
            assert!(EmailAddress::parse(&format!("{local}@example.com")).is_err(), "{local}");
        }
    }

    #[test]
    fn addresses_that_get_no_mail_are_refused() {
        for bad in [
            "dev",
            "@example.com",
            "dev@",
            "dev@localhost",
            "dev@127.0.0.1",
            "dev@example..com",
            ".dev@example.com",
            "dev.@example.com",
            "d..v@example.com",
            "dev@exa mple.com",
            "de v@example.com",
            "dev@@example.com",
            "\"dev\"@example.com",
            "dev@[127.0.0.1]",
            "dev\u{0}@example.com",
            "dev@example.com\u{0}",
            "dev@example.com\r\nBcc: x@example.com",
            "dev@-example.com",
            "dev@example.c",
            "dev#USER@exa#mple.com",
            "dev@example.com.",
        ] {
            assert!(matches!(EmailAddress::parse(bad), Err(Error::InvalidEmail)), "{bad:?}");
        }
        assert!(
            matches!(EmailAddress::parse(" \t"), Err(Error::Missing(field)) if field == "email")
        );
    }

    #[test]
    fn length_limits_are_those_of_smtp() {
        let domain =
            format!("{}.example.com", ["a".repeat(60), "b".repeat(60), "c".repeat(53)].join("."));
        let local = "x".repeat(64);
        assert_eq!(domain.len() + 65, 252);
        assert!(EmailAddress::parse(&format!("{local}@{domain}")).is_ok());
        assert!(EmailAddress::parse(&format!("{local}x@{domain}")).is_err());
        assert!(EmailAddress::parse(&format!("{local}@aaa{domain}")).is_err());
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(text in "[a-zA-Z0-9.+_-]{1,20}@[a-zA-Zäß0-9.-]{1,30}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(address.as_str()).unwrap(), address.clone());
                prop_assert!(address.as_str().is_ascii());
                prop_assert!(!address.as_str().bytes().any(|b| b.is_ascii_uppercase()));
            }
        }

        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,300}") {
            let _ = EmailAddress::parse(&text);
        }
    }
}
