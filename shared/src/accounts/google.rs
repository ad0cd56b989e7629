//! A person's account at Google, as it signs in to theirs here.

use serde::{Deserialize, Serialize};

use super::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::google::Identity;
use crate::ids::UserId;
use crate::keys;
use crate::values::{EmailAddress, Name};

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

/// What connects an account at Google to one of ours, and to no second: one row per issuer and
/// subject, written with the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct GoogleGuard {
    issuer: String,
    subject: String,
    /// Whose it is.
    pub(super) user_id: UserId,
}

impl Record for GoogleGuard {
    fn key(&self) -> Key {
        keys::google(&self.issuer, &self.subject)
    }
}

impl GoogleAccount {
    /// The account as it is connected now; `None` where Google tells no address of it.
    pub(super) fn connected_now(ctx: &Context, identity: &Identity) -> Option<Self> {
        let Identity { issuer, subject, email, .. } = identity.clone();
        Some(Self { issuer, subject, email: email?, connected_at: ctx.now() })
    }

    /// Whether it is the one that the identity is of.
    pub(super) fn is(&self, identity: &Identity) -> bool {
        self.issuer == identity.issuer && self.subject == identity.subject
    }

    /// Connects it to a user in a change that stores it there. Whoever connects it at the same time
    /// makes it an [`Error::Conflict`].
    pub(super) fn claim(&self, tx: &mut Tx<'_>, user_id: &UserId) -> Result<()> {
        let (issuer, subject) = (self.issuer.clone(), self.subject.clone());
        let guard = GoogleGuard { issuer, subject, user_id: user_id.clone() };
        tx.put(&guard, Condition::Absent, Error::Conflict)
    }
}

impl User {
    /// Whether the account signs in with that identity.
    pub(super) fn has_google(&self, identity: &Identity) -> bool {
        self.google.as_ref().is_some_and(|google| google.is(identity))
    }

    /// Whether the identity proves the account's address, when nobody had before.
    pub(super) fn is_proven_by(&self, identity: &Identity) -> bool {
        !self.email_verified && identity.verified_email() == Some(&self.email)
    }

    /// Lets go of the account at Google in a change that takes it from the user.
    pub(super) fn release_google(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(google) = &self.google else {
            return Ok(());
        };
        let mine = Condition::equal("user_id", &self.id)?;
        tx.delete(&keys::google(&google.issuer, &google.subject), Some(mine), Error::Conflict)
    }
}

/// What a person is called who comes from Google: as there, or like their address.
pub(super) fn name_of(identity: &Identity, email: &EmailAddress) -> Result<Name> {
    let local_part = email.as_str().split('@').next().unwrap_or_default();
    identity.name.clone().map_or_else(|| Name::parse(local_part), Ok)
}
