//! The recipient of a mail.

use crate::accounts::User;
use crate::values::{EmailAddress, Timezone};

/// The recipient of a mail.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The address that gets the mail.
    pub email: &'a EmailAddress,
    /// The time zone of the times in the mail; `None` for UTC.
    pub timezone: Option<&'a Timezone>,
}

impl<'a> Recipient<'a> {
    /// Returns a recipient whose account is not known.
    pub const fn without_account(email: &'a EmailAddress) -> Self {
        Self { email, timezone: None }
    }
}

impl<'a> From<&'a User> for Recipient<'a> {
    fn from(user: &'a User) -> Self {
        Self { email: &user.email, timezone: user.timezone.as_ref() }
    }
}
