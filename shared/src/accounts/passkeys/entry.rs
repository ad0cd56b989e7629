//! The entry of a passkey in its account.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::PasskeyId;

/// The entry of a passkey in its account. The account alone decides which passkeys are valid, so that one write can
/// end some or all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyEntry {
    /// Id of the passkey.
    pub id: PasskeyId,
    /// Time of the registration.
    pub created_at: Timestamp,
}
