//! Reauthentication of a signed-in user, before changes that a stolen session must not be able to make.

use std::time::Duration;

use super::User;
use super::attempt_limiter::AttemptLimiter;
use super::password::{self, Password, PasswordCheck};
use crate::context::Context;
use crate::dynamo::{Attempt, Tx};
use crate::error::{Error, Result};
use crate::sessions::{AuthenticatedSession, reload_user};

/// Maximum age of a sign-in that replaces the password, for an account that has none.
pub const MAX_RECENT_SIGN_IN_AGE: Duration = Duration::from_secs(10 * 60);

/// Checks the password of a signed-in user again, or that the sign-in is recent if there is no password.
/// The attempt stays counted as a failure until [`clear_failed_attempts`] is committed.
///
/// # Errors
/// - [`Error::Missing`] of `field` if the account has a password and `password` is `None`.
/// - [`Error::InvalidCredentials`] if the password is wrong.
/// - [`Error::RateLimited`] after too many wrong passwords for the account.
/// - [`Error::ReauthRequired`] if the account has no password and the sign-in is older than 10 minutes.
pub(crate) async fn reauthenticate(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    field: &'static str,
    password: Option<Password>,
) -> Result<()> {
    let AuthenticatedSession { session, user } = signed_in;
    match &user.password_hash {
        Some(_) => check_password(ctx, user, password.ok_or_else(|| Error::missing(field))?).await,
        None if ctx.now() < session.created_at.plus(MAX_RECENT_SIGN_IN_AGE) => Ok(()),
        None => Err(Error::ReauthRequired),
    }
}

async fn check_password(ctx: &Context, user: &User, password: Password) -> Result<()> {
    let limiter = AttemptLimiter::for_password(&*ctx.secrets.keyring().await, &user.email);
    limiter.count_attempt(ctx, ctx.table.get(&limiter.key()).await?).await?;
    match password::verify(ctx, password, user.password_hash.as_ref()).await? {
        PasswordCheck::Correct(_) => Ok(()),
        PasswordCheck::Incorrect => Err(Error::InvalidCredentials),
    }
}

/// Reads a reauthenticated user again, for the next attempt after a conflict.
///
/// # Errors
/// - [`Error::InvalidSession`] if the session has ended.
/// - [`Error::InvalidCredentials`] if the password has changed since it was checked.
pub(super) async fn reload_reauthenticated(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
) -> Attempt<User> {
    let current = reload_user(ctx, signed_in).await?;
    require_same_password(&signed_in.user, &current)?;
    Ok(current)
}

/// Requires that the password is the one that was checked.
///
/// # Errors
/// [`Error::InvalidCredentials`] if `current` has another password than `checked`.
pub(crate) fn require_same_password(checked: &User, current: &User) -> Result<()> {
    if current.has_same_password_as(checked) { Ok(()) } else { Err(Error::InvalidCredentials) }
}

/// Clears the user's failed password attempts in `tx`, the transaction that reauthentication allowed.
pub(crate) async fn clear_failed_attempts(
    ctx: &Context,
    tx: &mut Tx<'_>,
    user: &User,
) -> Result<()> {
    AttemptLimiter::for_password(&*ctx.secrets.keyring().await, &user.email).clear(tx)
}
