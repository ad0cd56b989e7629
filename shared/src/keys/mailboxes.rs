//! Keys of mailboxes.

use dynamo::Key;

/// Shows that a mailbox had the free credits. It is found by a pseudonym, so that it names nobody.
pub fn free_grant(pseudonym: &str) -> Key {
    Key::new(format!("MAILBOX#{pseudonym}"), "META")
}
