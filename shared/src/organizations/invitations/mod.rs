//! Invitations: an owner or admin invites an email address to an organization. A mail carries the
//! token. Only the account that has verified the address can use it, once.

pub mod accept;
pub mod decline;
pub mod invite;
pub mod list;
pub mod list_own;
pub mod revoke;
mod seats;
mod token;
mod valid_invitation;

use serde::{Deserialize, Serialize};

pub use invite::INVITATION_TTL;
pub use token::{InvitationToken, InvitationTokenHash};

use super::AssignableRole;
use crate::clock::Timestamp;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::Result;
use crate::ids::{InvitationId, OrganizationId, UserId};
use crate::keys;
use crate::values::EmailAddress;

/// An invitation, stored under its organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// The invitation's id.
    pub id: InvitationId,
    /// The organization to join.
    pub client_id: OrganizationId,
    /// The invited address. No other account can accept.
    pub email: EmailAddress,
    /// The role that the invitation offers.
    pub role: AssignableRole,
    /// The user who sent the invitation.
    pub invited_by: UserId,
    /// The hash of the emailed token.
    pub hash: InvitationTokenHash,
    /// When the invitation was sent.
    pub created_at: Timestamp,
    /// When the invitation expires.
    pub expires_at: Timestamp,
}

/// An invitation's second row, stored under the address. It allows one invitation per organization
/// and address, and is what the invited person's list is read from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvitationByEmail {
    /// The invited address.
    pub email: EmailAddress,
    /// The organization to join.
    pub client_id: OrganizationId,
    /// The id of the invitation.
    pub invitation_id: InvitationId,
    /// The role that the invitation offers.
    pub role: AssignableRole,
    /// The user who sent the invitation.
    pub invited_by: UserId,
    /// When the invitation expires.
    pub expires_at: Timestamp,
}

impl Record for Invitation {
    fn key(&self) -> Key {
        keys::invitation(&self.client_id, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl Record for InvitationByEmail {
    fn key(&self) -> Key {
        keys::invitation_by_email(&self.email, &self.client_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl Invitation {
    /// Returns whether the invitation can still be accepted.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Returns the row to store under the address.
    fn by_email(&self) -> InvitationByEmail {
        InvitationByEmail {
            email: self.email.clone(),
            client_id: self.client_id.clone(),
            invitation_id: self.id.clone(),
            role: self.role,
            invited_by: self.invited_by.clone(),
            expires_at: self.expires_at,
        }
    }

    /// Deletes both rows of the invitation in `tx`.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if it was accepted, declined, revoked or replaced since it
    ///   was read.
    fn delete(&self, tx: &mut Tx<'_>) -> Result<()> {
        let same_token = Condition::equal("hash", &self.hash)?;
        tx.delete(&self.key(), Some(same_token), AttemptError::Conflict)?;
        // While the first row exists, the row under the address belongs to the same invitation.
        tx.delete(
            &keys::invitation_by_email(&self.email, &self.client_id),
            None,
            AttemptError::Conflict,
        )
    }
}
