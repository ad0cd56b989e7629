//! A person's account at Google, as it signs in to theirs here.

use serde::{Deserialize, Serialize};

use super::EmailAddress;
use crate::clock::Timestamp;

/// An account at Google that is connected to one of ours. What identifies it is the pair of issuer
/// and subject; its address is shown, and decides nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GoogleAccount {
    /// Who vouches: Google's `iss`.
    pub issuer: String,
    /// The account's name there, which never changes: Google's `sub`.
    pub subject: String,
    /// Its address when it was last used.
    pub email: EmailAddress,
    /// Since when it signs in here.
    pub connected_at: Timestamp,
}
