//! Keys of the rows behind one-time tokens of a user. Each is named after the hash of its token.

use crate::ids::UserId;
use dynamo::Key;

/// The sort-key prefix of the records that undo a user's changes of address.
pub const EMAIL_UNDOS: &str = "EMAIL-UNDO#";
/// The sort-key prefix of a user's sign-ins that await their second factor.
pub const CHALLENGES: &str = "CHALLENGE#";
/// The sort-key prefix of the links in mails to a user.
pub const MAILED_LINKS: &str = "LINK#";

/// A sign-in that awaits its second factor, by the hash of its token.
pub fn challenge(user: &UserId, hash: &str) -> Key {
    Key::new(format!("USER#{user}"), format!("{CHALLENGES}{hash}"))
}

/// The record that can undo a change of address, by the hash of its token.
pub fn email_undo(user: &UserId, hash: &str) -> Key {
    Key::new(format!("USER#{user}"), format!("{EMAIL_UNDOS}{hash}"))
}

/// An item that costs as much as a link. An address without an account must not respond faster.
pub fn decoy_link(hash: &str) -> Key {
    Key::new(format!("DECOY#{hash}"), MAILED_LINKS)
}

/// A link in a mail to a user, by the hash of its token.
pub fn mailed_link(user: &UserId, hash: &str) -> Key {
    Key::new(format!("USER#{user}"), format!("{MAILED_LINKS}{hash}"))
}
