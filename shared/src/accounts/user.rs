//! A person's account as stored.

use serde::{Deserialize, Serialize};

use super::deletion::Deletion;
use super::devices::KnownDevices;
use super::email_change::UndoableChange;
use super::google::GoogleAccount;
use super::password::PasswordHash;
use super::profile::{Line, Phone, Timezone};
use super::two_factor::SecondFactor;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::tokens::IssuedTokens;
use crate::values::{EmailAddress, Name};
use crate::{keys, notifications};

/// A person's account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The address that signs in and gets the mail.
    pub email: EmailAddress,
    /// What the person is called.
    pub name: Name,
    /// Whether the address is proven.
    pub email_verified: bool,
    /// The password, unless the person has none.
    pub password_hash: Option<PasswordHash>,
    /// The account at Google that signs in, if one is connected.
    pub google: Option<GoogleAccount>,
    /// What signing in asks for besides.
    pub second_factor: Option<SecondFactor>,
    /// How it was registered, until its address is proven.
    pub pending: Option<Pending>,
    /// Counts up to end all sessions at once: a session holds the value it began with, and ends
    /// when the two part. The session that ends the others is moved along.
    pub session_generation: u32,
    /// With what, and from where, the person signed in before.
    #[serde(default)]
    pub known_devices: KnownDevices,
    /// Changes of the address that can still be undone, the latest last.
    #[serde(default)]
    pub undoable: Vec<UndoableChange>,
    /// Set while the account waits to be erased.
    pub deletion: Option<Deletion>,
    /// What is known of the account's own tokens.
    #[serde(default)]
    pub tokens: IssuedTokens,
    /// The client that was made with the account.
    pub default_client_id: OrganizationId,
    /// For the person's own use.
    pub phone: Option<Phone>,
    /// For the person's own use.
    pub timezone: Option<Timezone>,
    /// For the person's own use.
    pub company: Option<Line>,
    /// For the person's own use.
    pub job_title: Option<Line>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Counts every change: whoever decides on what was read makes this part of the condition, as
    /// `User::store` does.
    pub version: u64,
}

/// What is known of an account that nobody has proven to be theirs.
///
/// Two people may register one address, its owner and somebody else, and the code that is mailed
/// proves who reads the mail, not whose password the account has. So where registrations came from
/// several networks, and the code is entered from another than the last of them, the password is
/// dropped: the owner is in, and sets one; whoever else registered is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Where the last registration came from, as a pseudonym.
    pub network: String,
    /// Whether there were registrations from elsewhere.
    pub contested: bool,
}

impl User {
    /// A new account with that address, which nobody has proven yet and nothing signs in to.
    pub(super) fn new(ctx: &Context, email: EmailAddress, name: Name) -> Self {
        Self {
            id: UserId::generate(&*ctx.random),
            email,
            name,
            email_verified: false,
            password_hash: None,
            google: None,
            second_factor: None,
            pending: None,
            session_generation: 0,
            known_devices: KnownDevices::default(),
            undoable: Vec::new(),
            deletion: None,
            tokens: IssuedTokens::default(),
            default_client_id: OrganizationId::generate(&*ctx.random),
            phone: None,
            timezone: None,
            company: None,
            job_title: None,
            created_at: ctx.now(),
            version: 0,
        }
    }

    /// The account without anything that whoever had it so far brought: password, Google, second
    /// factor, sessions, tokens, the default client's keys, profile. For somebody who proved that the address
    /// is theirs, when nobody had before: nothing of a squatter's stays. What lies in other rows goes with
    /// the change, and the default client is called like its owner again.
    pub(super) fn emptied(self, ctx: &Context, tx: &mut Tx<'_>) -> Result<Self> {
        self.release_google(tx)?;
        notifications::reset_preferences(tx, &self.id)?;
        tx.delete(&keys::two_factor_setup(&self.id), None, Error::Conflict)?;
        let organization = Update::new(keys::organization(&self.default_client_id))
            .set("name", &self.name)?
            .set("keys_ended_at", ctx.now())?
            .add("keys_generation", 1)
            .add("version", 1);
        tx.update(organization.only_if(Condition::Exists), Error::internal("no default client"))?;
        Ok(Self {
            password_hash: None,
            google: None,
            second_factor: None,
            pending: None,
            session_generation: self.session_generation + 1,
            tokens: self.tokens.revoke_all(ctx.now()),
            known_devices: KnownDevices::default(),
            undoable: Vec::new(),
            phone: None,
            timezone: None,
            company: None,
            job_title: None,
            ..self
        })
    }

    /// Adds the account, changed since it was read, to a change, and says how it is stored: as its next
    /// version. Somebody else who changes it meanwhile makes it an [`Error::Conflict`].
    pub(crate) fn store(self, tx: &mut Tx<'_>) -> Result<Self> {
        let as_read = Condition::equal("version", self.version)?;
        let stored = Self { version: self.version + 1, ..self };
        tx.put(&stored, as_read, Error::Conflict)?;
        Ok(stored)
    }

    /// Adds to a change that was decided on the account, and doesn't store it, that the account is as it
    /// was read: [`Error::Conflict`] otherwise.
    pub(crate) fn check_unchanged(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.check(&self.key(), &Condition::equal("version", self.version)?, Error::Conflict)
    }

    /// Whether somebody can use the account: its address is proven, or needn't be in this deployment.
    pub(super) fn is_in_use(&self, ctx: &Context) -> bool {
        self.email_verified || !ctx.config.require_email_verification
    }

    /// Whether the password is still the one that `before` had: what was proven of that then.
    pub(super) fn has_password_of(&self, before: &Self) -> bool {
        let stored =
            |user: &'_ Self| user.password_hash.as_ref().map(|hash| hash.as_str().to_owned());
        stored(self) == stored(before)
    }
}

impl Record for User {
    fn key(&self) -> Key {
        keys::user(&self.id)
    }
}
