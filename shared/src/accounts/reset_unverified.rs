//! Resetting an account that was never verified.

use super::User;
use super::devices::KnownDevices;
use super::passkeys;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Tx, Update};
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::{keys, notifications};

impl User {
    /// Resets an account that was never verified, for a person who has proven the address. A squatter may
    /// have registered it, so this removes the password, Google account, second factor, passkeys, sessions,
    /// tokens, profile, and the keys of the default organization. A job ends the keys of the other organizations.
    ///
    /// Rows besides the user are changed in `tx`. The default organization gets its owner's name again.
    ///
    /// # Errors
    /// The commit fails with [`AttemptError::Conflict`] if the Google account is connected to another user, and with
    /// [`Error::Internal`] if the default organization does not exist.
    pub(super) fn reset_unverified(self, ctx: &Context, tx: &mut Tx<'_>) -> Result<Self> {
        let now = ctx.now();
        let user = self.without_registration(tx)?;
        user.delete_google_guard(tx)?;
        passkeys::delete_items(tx, &user.id, &user.passkeys)?;
        notifications::reset_preferences(tx, &user.id)?;
        tx.delete(&keys::two_factor_setup(&user.id), None, AttemptError::Conflict)?;
        let organization = Update::new(keys::organization(&user.default_client_id))
            .set("name", &user.name)?
            .set("keys_ended_at", now)?
            .add("keys_generation", 1)
            .add("version", 1);
        tx.update(organization.only_if(Condition::Exists), Error::internal("no default client"))?;
        // Without a session, nothing was made besides the default organization.
        if user.known_devices.count() > 0 {
            Job::EndOwnedKeys { user_id: user.id.clone(), at: now }.requeue(tx)?;
        }
        let user = user.with_password(None);
        Ok(Self {
            google: None,
            second_factor: None,
            two_factor_reset: None,
            passkeys: Vec::new(),
            tokens: user.tokens.clone().revoke_all(now),
            known_devices: KnownDevices::default(),
            undoable: Vec::new(),
            phone: None,
            timezone: None,
            company: None,
            job_title: None,
            ..user
        })
    }
}
