//! Keys of the reminders that tokens and API keys expire.

use dynamo::Key;

use crate::clock::Timestamp;
use crate::values::TokenHolder;

/// The partition of the reminders that tokens expire, the next due first.
pub const EXPIRY_REMINDERS: &str = "EXPIRY";

/// The reminder that a token expires, which is due at a time.
pub fn expiry_reminder(due_at: Timestamp, holder: &TokenHolder, number: u32) -> Key {
    Key::new(EXPIRY_REMINDERS.to_owned(), format!("{due_at:0>12}#{holder}#{number:0>10}"))
}
