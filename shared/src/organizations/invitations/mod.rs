//! Invitations: somebody who runs an organization asks whoever has an address to join. A mail carries the
//! token; only the person whose proven address it is can use it, once.

pub mod accept;
pub mod decline;
mod held;
pub mod invite;
pub mod list;
pub mod mine;
pub mod revoke;
mod room;
mod token;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use token::{HashedInvitation, InvitationToken};

use super::GivenRole;
use crate::clock::Timestamp;
use crate::dynamo::{Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{InvitationId, OrganizationId, UserId};
use crate::keys;
use crate::values::EmailAddress;

/// How long an invitation can be accepted.
pub const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// An invitation as stored with its organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// To what.
    pub client_id: OrganizationId,
    /// Who is invited: nobody else can accept.
    pub email: EmailAddress,
    /// What they are to be.
    pub role: GivenRole,
    /// Who invited.
    pub invited_by: UserId,
    /// The hash of the token that was mailed.
    pub hash: HashedInvitation,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is void.
    pub expires_at: Timestamp,
}

/// The same as stored with the address: makes it the only one of that organization to that address, and
/// is what its owner's list is read from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invitee {
    /// Who is invited.
    pub email: EmailAddress,
    /// To what.
    pub client_id: OrganizationId,
    /// Which invitation.
    pub invitation_id: InvitationId,
    /// What they are to be.
    pub role: GivenRole,
    /// Who invited.
    pub invited_by: UserId,
    /// From when on it is void.
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

impl Record for Invitee {
    fn key(&self) -> Key {
        keys::invitee(&self.email, &self.client_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl Invitation {
    /// Whether it can still be accepted.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Its other side.
    fn invitee(&self) -> Invitee {
        Invitee {
            email: self.email.clone(),
            client_id: self.client_id.clone(),
            invitation_id: self.id.clone(),
            role: self.role,
            invited_by: self.invited_by.clone(),
            expires_at: self.expires_at,
        }
    }

    /// Adds to a change that it is used up, on both sides. [`Error::Conflict`] where it was accepted,
    /// declined, revoked or replaced since it was read.
    fn take_back(&self, tx: &mut Tx<'_>) -> Result<()> {
        let still = Condition::equal("hash", &self.hash)?;
        tx.delete(&self.key(), Some(still), Error::Conflict)?;
        // As long as it is there, this is of the same invitation.
        tx.delete(&keys::invitee(&self.email, &self.client_id), None, Error::Conflict)
    }
}
