//! Keys of mailboxes.

use dynamo::Key;

/// Shows that a mailbox had the free credits. It is found by a pseudonym, so that it names nobody.
pub fn free_grant(pseudonym: &str) -> Key {
    Key::new(format!("MAILBOX#{pseudonym}"), "META")
}

/// Shows that a mail to an address came back. It is found by the pseudonym of the recipient, which the keys of waiting
/// mails have as well, so that the worker reads both at once.
pub fn suppressed_address(recipient: &str) -> Key {
    Key::new(format!("SUPPRESSED#{recipient}"), "META")
}
