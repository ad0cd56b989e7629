//! Invitations: an owner or admin invites an email address to an organization. A mail carries the
//! token. Only the account that has verified the address can use it, once.

pub mod accept;
pub mod decline;
pub mod invite;
mod lifetime;
pub mod list;
pub mod list_own;
pub mod preview;
pub mod resend;
pub mod revoke;
mod seats;
mod selector;
mod status;
mod token;
mod valid_invitation;

use serde::{Deserialize, Serialize};

pub use lifetime::{INVITATION_HISTORY, INVITATION_TTL};
pub use selector::InvitationSelector;
pub use status::InvitationStatus;
pub use token::{InvitationToken, InvitationTokenHash};

use super::AssignableRole;
use crate::clock::Timestamp;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{InvitationId, OrganizationId, UserId};
use crate::keys;
use crate::values::EmailAddress;

/// An invitation that was not answered or revoked, stored under its organization.
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

/// An invitation that was accepted, declined or revoked, stored under its organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndedInvitation {
    /// The invitation's id.
    pub id: InvitationId,
    /// The organization to join.
    pub client_id: OrganizationId,
    /// Address to which the invitation was mailed.
    pub email: EmailAddress,
    /// The role that the invitation offered.
    pub role: AssignableRole,
    /// The user who sent the invitation.
    pub invited_by: UserId,
    /// When the invitation was sent.
    pub created_at: Timestamp,
    /// When the invitation would have expired.
    pub expires_at: Timestamp,
    /// The hash of the last emailed token.
    #[serde(default)]
    pub hash: Option<InvitationTokenHash>,
    /// How the invitation ended.
    pub status: InvitationStatus,
    /// When the invitation ended.
    pub ended_at: Timestamp,
}

/// An invitation's second row, stored under the address. It allows one invitation per organization
/// and address, and is what the invited person's list is read from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvitationByEmail {
    /// Address to which the invitation was mailed.
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
        Some(self.expires_at.plus(INVITATION_HISTORY).seconds())
    }
}

impl Record for EndedInvitation {
    fn key(&self) -> Key {
        keys::ended_invitation(&self.client_id, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.plus(INVITATION_HISTORY).seconds())
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

impl EndedInvitation {
    /// Returns whether the token is the last one that was emailed. Nobody else learns how the invitation ended.
    fn has_token(&self, token: &InvitationToken) -> bool {
        self.hash.as_ref() == Some(&token.hash())
    }

    /// Returns the refusal of an answer to the invitation.
    fn refusal(&self) -> Error {
        match self.status {
            InvitationStatus::Revoked => Error::InvitationRevoked,
            InvitationStatus::Expired | InvitationStatus::Pending => Error::InvitationExpired,
            InvitationStatus::Accepted | InvitationStatus::Declined => Error::InvitationUsed,
        }
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

    /// Ends the invitation in `tx`: deletes both rows, and stores how it ended for the list.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if it was accepted, declined, revoked or replaced since it
    ///   was read.
    fn end(&self, tx: &mut Tx<'_>, status: InvitationStatus, now: Timestamp) -> Result<()> {
        let same_token = Condition::equal("hash", &self.hash)?;
        tx.delete(&self.key(), Some(same_token), AttemptError::Conflict)?;
        // While the first row exists, the row under the address belongs to the same invitation.
        tx.delete(
            &keys::invitation_by_email(&self.email, &self.client_id),
            None,
            AttemptError::Conflict,
        )?;
        let ended = EndedInvitation {
            id: self.id.clone(),
            client_id: self.client_id.clone(),
            email: self.email.clone(),
            role: self.role,
            invited_by: self.invited_by.clone(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            hash: Some(self.hash.clone()),
            status,
            ended_at: now,
        };
        tx.put(&ended, Condition::Absent, AttemptError::Conflict)
    }
}
