//! Keys of sign-ins of command lines.

use super::META;
use dynamo::Key;

/// The sign-in of a command line, by the pseudonym of its user code.
pub fn device_authorization(pseudonym: &str) -> Key {
    Key::new(format!("DEVICE#{pseudonym}"), META)
}
