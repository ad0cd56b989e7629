//! Passkeys as stored: the item of each, and its guard.

use serde::{Deserialize, Serialize};

use super::AuthenticatorState;
use crate::clock::Timestamp;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::Result;
use crate::ids::{PasskeyId, UserId};
use crate::keys;
use crate::values::Name;

/// A passkey as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Passkey {
    /// Id of the passkey.
    pub id: PasskeyId,
    /// The account that signs in with the passkey.
    pub user_id: UserId,
    /// Name that the person gave it.
    pub name: Name,
    /// The credential in the form of the relying party: public key, signature counter and flags.
    pub(super) credential: String,
    /// What the authenticator says about itself, as of the last use.
    pub authenticator: AuthenticatorState,
    /// Time of the registration.
    pub created_at: Timestamp,
    /// Time of the last use; `None` before the first.
    pub last_used_at: Option<Timestamp>,
    /// Counts every change.
    pub(super) version: u64,
}

impl Record for Passkey {
    fn key(&self) -> Key {
        keys::passkey(&self.user_id, &self.id)
    }
}

impl Passkey {
    /// Adds a put of the changed passkey to `tx` as its next version. The commit fails with
    /// [`AttemptError::Conflict`] if the passkey has changed since it was read.
    pub(super) fn store(self, tx: &mut Tx<'_>) -> Result<()> {
        let as_read = Condition::equal("version", self.version)?;
        let stored = Self { version: self.version + 1, ..self };
        tx.put(&stored, as_read, AttemptError::Conflict)
    }
}

/// The guard that makes a passkey belong to one account only (WebAuthn Level 3, 7.1 step 26).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PasskeyGuard {
    pub(super) id: PasskeyId,
    pub(super) user_id: UserId,
}

impl Record for PasskeyGuard {
    fn key(&self) -> Key {
        keys::passkey_guard(&self.id)
    }
}
