//! Keys of passkeys, and of the ceremonies that register and use them.

use super::META;
use crate::ids::{CeremonyId, PasskeyId, UserId};
use dynamo::Key;

/// The sort-key prefix of a user's passkeys.
pub const PASSKEYS: &str = "PASSKEY#";

/// A passkey of a user.
pub fn passkey(user: &UserId, passkey: &PasskeyId) -> Key {
    Key::new(format!("USER#{user}"), format!("{PASSKEYS}{passkey}"))
}

/// The guard that makes a passkey belong to one account only.
pub fn passkey_guard(passkey: &PasskeyId) -> Key {
    Key::new(format!("{PASSKEYS}{passkey}"), META)
}

/// A ceremony that waits for the response of an authenticator.
pub fn passkey_ceremony(ceremony: &CeremonyId) -> Key {
    Key::new(format!("CEREMONY#{ceremony}"), META)
}
