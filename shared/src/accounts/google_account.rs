//! A Google account that is connected to an account of ours.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::Result;
use crate::google::GoogleIdentity;
use crate::ids::UserId;
use crate::keys;
use crate::values::{EmailAddress, Name};

/// A connected Google account. The pair of issuer and subject identifies it; the address is for display
/// only and decides nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GoogleAccount {
    /// Issuer of the ID token: Google's `iss`.
    pub issuer: String,
    /// Permanent id of the account at Google: Google's `sub`.
    pub subject: String,
    /// Address of the Google account as of its last sign-in here.
    pub email: EmailAddress,
    /// Time when it was connected.
    pub connected_at: Timestamp,
}

/// Uniqueness guard of a Google account: one row per issuer and subject, written with the user, so that
/// it is connected to one user at most.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct GoogleGuard {
    issuer: String,
    subject: String,
    /// User that the Google account is connected to.
    pub(super) user_id: UserId,
}

impl Record for GoogleGuard {
    fn key(&self) -> Key {
        keys::google_guard(&self.issuer, &self.subject)
    }
}

impl GoogleAccount {
    /// Builds the account to connect now, or `None` if Google reports no address.
    pub(super) fn from_identity(ctx: &Context, identity: &GoogleIdentity) -> Option<Self> {
        let GoogleIdentity { issuer, subject, email, .. } = identity.clone();
        Some(Self { issuer, subject, email: email?, connected_at: ctx.now() })
    }

    /// Returns whether the identity belongs to this Google account.
    pub(super) fn matches(&self, identity: &GoogleIdentity) -> bool {
        self.issuer == identity.issuer && self.subject == identity.subject
    }

    /// Adds the uniqueness guard to `tx`, which also stores the account with the user. The commit fails
    /// with [`AttemptError::Conflict`] if the Google account is already connected.
    pub(super) fn put_guard(&self, tx: &mut Tx<'_>, user_id: &UserId) -> Result<()> {
        let (issuer, subject) = (self.issuer.clone(), self.subject.clone());
        let guard = GoogleGuard { issuer, subject, user_id: user_id.clone() };
        tx.put(&guard, Condition::Absent, AttemptError::Conflict)
    }
}

/// Returns the name for an account that is created with Google: the name at Google, or else the part of
/// the address before the @.
///
/// # Errors
/// `Error::Missing` or `Error::InvalidField` if Google reports no name, and that part is not a valid [`Name`].
pub(super) fn display_name(identity: &GoogleIdentity, email: &EmailAddress) -> Result<Name> {
    let local_part = email.as_str().split('@').next().unwrap_or_default();
    identity.name.clone().map_or_else(|| Name::parse(local_part), Ok)
}
