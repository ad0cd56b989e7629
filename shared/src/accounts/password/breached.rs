//! The refusal of new passwords that are known from data breaches.

use super::Password;
use crate::context::Context;
use crate::error::{Error, Result};

/// The message of a refusal. NIST SP 800-63B-4, 3.1.1.2 asks for the reason and for a different password.
const BREACHED: &str = "This password is known from a data breach, so it is compromised. Choose a different one, \
     such as three unrelated words with a digit and a sign";

/// Requires that a new password is not known from a breach, where the deployment checks that.
///
/// # Errors
/// [`Error::PasswordTooWeak`] if it is.
pub async fn require_not_breached(ctx: &Context, password: &Password) -> Result<()> {
    match &ctx.breached_passwords {
        Some(breached) if breached.contains(password.reveal()).await => {
            Err(Error::PasswordTooWeak(BREACHED))
        }
        Some(_) | None => Ok(()),
    }
}
