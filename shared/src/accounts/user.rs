//! The user: a person's account as stored.

use serde::{Deserialize, Serialize};

use super::deletion::Deletion;
use super::devices::KnownDevices;
use super::email_change::UndoableEmailChange;
use super::google_account::GoogleAccount;
use super::passkeys::PasskeyEntry;
use super::password::PasswordHash;
use super::profile_fields::{Phone, ProfileText};
use super::two_factor::SecondFactor;
use super::two_factor::reset::PendingTwoFactorReset;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::google::GoogleIdentity;
use crate::ids::{OrganizationId, PasskeyId, UserId};
use crate::keys;
use crate::suspension::Suspension;
use crate::tokens::IssuedTokens;
use crate::values::{EmailAddress, Name, Timezone};

/// A person's account. Each change increments `version`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// Id of the user.
    pub id: UserId,
    /// Address for signing in and for all mail.
    pub email: EmailAddress,
    /// Name of the person.
    pub name: Name,
    /// Whether the address is verified.
    pub email_verified: bool,
    /// Hash of the password; `None` if the account has no password.
    pub password_hash: Option<PasswordHash>,
    /// Counts the changes of the password. A link that sets a new password is void after a change.
    #[serde(default)]
    pub password_generation: u32,
    /// Connected Google account, if there is one.
    pub google: Option<GoogleAccount>,
    /// Second factor for signing in, if it is enabled.
    pub second_factor: Option<SecondFactor>,
    /// Set while a reset of the second factor waits. Every change that removes the second factor stops it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_factor_reset: Option<PendingTwoFactorReset>,
    /// Passkeys, the latest last. A passkey that is not in this list cannot sign in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<PasskeyEntry>,
    /// Whether the person does not want to be asked again to add a passkey.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub passkey_offer_declined: bool,
    /// Details of the registration, until the address is verified.
    pub pending: Option<PendingRegistration>,
    /// Generation of the valid sessions. A session is valid only while it has the same generation, so an
    /// increment ends all sessions at once. The session that ends the others moves to the new generation.
    pub session_generation: u32,
    /// Devices that the person has signed in with.
    #[serde(default)]
    pub known_devices: KnownDevices,
    /// Changes of the address that can still be undone, the latest last.
    #[serde(default)]
    pub undoable: Vec<UndoableEmailChange>,
    /// Set while the account is scheduled for erasure.
    pub deletion: Option<Deletion>,
    /// Set while an operator has suspended the account.
    #[serde(default)]
    pub suspension: Option<Suspension>,
    /// Counters and the generation of the user's personal tokens.
    #[serde(default)]
    pub tokens: IssuedTokens,
    /// Organization that was created with the account.
    pub default_client_id: OrganizationId,
    /// Phone number. The service does not use it.
    pub phone: Option<Phone>,
    /// Time zone of the times in mails and messages to the person; UTC if there is none.
    pub timezone: Option<Timezone>,
    /// Company. The service does not use it.
    pub company: Option<ProfileText>,
    /// Job title. The service does not use it.
    pub job_title: Option<ProfileText>,
    /// Time when the account was created.
    pub created_at: Timestamp,
    /// Counts every change. A write that depends on what was read includes the version in its condition,
    /// as `User::store` does.
    pub version: u64,
}

/// Details of a registration whose address is not verified yet.
///
/// An attacker may register the address of another person. The mailed code proves who reads the mail, but not
/// who chose the password. If the address was registered more than once, and the code is not entered in the
/// browser of the last registration, the password is dropped: the owner of the address is signed in and
/// sets a new one, and the attacker is locked out. The network does not count, because an attacker may be
/// in that of the owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingRegistration {
    /// Hash of the [`RegistrationToken`](super::RegistrationToken) in the browser of the last registration.
    #[serde(default)]
    pub browser: Option<String>,
    /// Whether the address was registered more than once, and not in one browser.
    pub contested: bool,
    /// Time after which the account is erased if the address is still not verified. `None` where the deployment did
    /// not require verified addresses.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

impl User {
    /// Creates an account whose address is not verified, without any way to sign in.
    pub(super) fn new(ctx: &Context, email: EmailAddress, name: Name) -> Self {
        let id = UserId::generate(&*ctx.random);
        let default_client_id = id.first_organization();
        Self {
            id,
            email,
            name,
            email_verified: false,
            password_hash: None,
            password_generation: 0,
            google: None,
            second_factor: None,
            two_factor_reset: None,
            passkeys: Vec::new(),
            passkey_offer_declined: false,
            pending: None,
            session_generation: 0,
            known_devices: KnownDevices::default(),
            undoable: Vec::new(),
            deletion: None,
            suspension: None,
            tokens: IssuedTokens::default(),
            default_client_id,
            phone: None,
            timezone: None,
            company: None,
            job_title: None,
            created_at: ctx.now(),
            version: 0,
        }
    }

    /// Returns the account with another password, or with none, and with all sessions ended. Links that set a
    /// new password are void.
    pub(super) fn with_password(self, hash: Option<PasswordHash>) -> Self {
        Self {
            password_hash: hash,
            password_generation: self.password_generation + 1,
            session_generation: self.session_generation + 1,
            ..self
        }
    }

    /// Adds a put of the changed account to `tx` as its next version, and returns it as stored. The commit
    /// fails with [`AttemptError::Conflict`] if the account has changed since it was read.
    pub(crate) fn store(self, tx: &mut Tx<'_>) -> Result<Self> {
        let as_read = Condition::equal("version", self.version)?;
        let stored = Self { version: self.version + 1, ..self };
        tx.put(&stored, as_read, AttemptError::Conflict)?;
        Ok(stored)
    }

    /// Adds a check to `tx` that the account is unchanged since it was read, for a transaction that does
    /// not store it. The commit fails with [`AttemptError::Conflict`] otherwise.
    pub(crate) fn check_unchanged(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.check(&self.key(), &Condition::equal("version", self.version)?, AttemptError::Conflict)
    }

    /// Returns whether the account can be signed in to: its address is verified, or this deployment does not
    /// require verified addresses.
    pub(super) fn is_activated(&self, ctx: &Context) -> bool {
        self.email_verified || !ctx.config.require_email_verification
    }

    /// Requires that the account is not suspended.
    ///
    /// # Errors
    /// [`Error::AccountSuspended`] otherwise.
    pub(crate) const fn require_not_suspended(&self) -> Result<()> {
        if self.suspension.is_some() { Err(Error::AccountSuspended) } else { Ok(()) }
    }

    /// Returns whether the account has the passkey.
    pub(super) fn has_passkey(&self, id: &PasskeyId) -> bool {
        self.passkeys.iter().any(|entry| entry.id == *id)
    }

    /// Returns whether the account has a way to sign in: a password, a Google account or a passkey.
    pub(super) fn can_sign_in(&self) -> bool {
        self.password_hash.is_some() || self.google.is_some() || !self.passkeys.is_empty()
    }

    /// Returns whether the user is connected to the Google account of the identity.
    pub(super) fn is_connected_to(&self, identity: &GoogleIdentity) -> bool {
        self.google.as_ref().is_some_and(|google| google.matches(identity))
    }

    /// Returns whether the identity proves the address of an account that was never verified.
    pub(super) fn is_verified_by(&self, identity: &GoogleIdentity) -> bool {
        !self.email_verified && identity.proven_email() == Some(&self.email)
    }

    /// Deletes the uniqueness guard of the user's Google account, if there is one, in `tx`. The commit
    /// fails with [`AttemptError::Conflict`] if the guard belongs to another user.
    pub(super) fn delete_google_guard(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(google) = &self.google else {
            return Ok(());
        };
        let is_own = Condition::equal("user_id", &self.id)?;
        tx.delete(
            &keys::google_guard(&google.issuer, &google.subject),
            Some(is_own),
            AttemptError::Conflict,
        )
    }

    /// Returns whether the password is the same as `before` had, so that a check of the password then still
    /// counts. A sign-in may have hashed it anew meanwhile.
    pub(super) fn has_same_password_as(&self, before: &Self) -> bool {
        let password = |user: &Self| (user.password_generation, user.password_hash.is_some());
        password(self) == password(before)
    }
}

impl Record for User {
    fn key(&self) -> Key {
        keys::user(&self.id)
    }
}
