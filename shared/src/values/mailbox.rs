//! The mailbox behind an email address.

use super::EmailAddress;

/// Domains of one provider that ignores dots in the part before the @.
/// <https://support.google.com/mail/answer/7436150>
const GOOGLE_DOMAINS: [&str; 2] = ["gmail.com", "googlemail.com"];

impl EmailAddress {
    /// Returns the address of the mailbox that gets the mail, as far as the address shows it: without what
    /// follows a `+`, and at Gmail without dots and with one domain.
    ///
    /// It only serves to recognize a mailbox again. Mail goes to the address itself, because not every
    /// provider reads a `+` this way.
    pub fn mailbox(&self) -> String {
        let (local, domain) = self.as_str().rsplit_once('@').unwrap_or((self.as_str(), ""));
        let local = match local.split_once('+') {
            Some((mailbox, _)) if !mailbox.is_empty() => mailbox,
            _ => local,
        };
        if GOOGLE_DOMAINS.contains(&domain) {
            return format!("{}@{}", local.replace('.', ""), GOOGLE_DOMAINS[0]);
        }
        format!("{local}@{domain}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailbox(address: &str) -> String {
        EmailAddress::parse(address).unwrap().mailbox()
    }

    #[test]
    fn spellings_of_a_mailbox_are_alike() {
        for (address, expected) in [
            ("dev@example.com", "dev@example.com"),
            ("Dev+1@example.com", "dev@example.com"),
            ("dev+a+b@example.com", "dev@example.com"),
            ("+dev@example.com", "+dev@example.com"),
            ("d.e.v@example.com", "d.e.v@example.com"),
            ("d.e.v+x@gmail.com", "dev@gmail.com"),
            ("de.v@GoogleMail.com", "dev@gmail.com"),
            ("dev@mail.gmail.com", "dev@mail.gmail.com"),
        ] {
            assert_eq!(mailbox(address), expected, "{address}");
        }
    }
}
