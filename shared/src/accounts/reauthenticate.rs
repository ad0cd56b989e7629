//! Reauthentication of a signed-in user, before changes that a stolen session must not be able to make.

use super::User;
use super::attempt_limiter::AttemptLimiter;
use super::password::{self, Password, PasswordCheck};
use super::two_factor::{SecondFactorCode, consume_code, count_signed_in_attempt};
use crate::context::Context;
use crate::dynamo::{Attempt, Tx};
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::sessions::{AuthenticatedSession, SignInMethod, reload_user};

/// What a request presents to prove the identity of its signed-in user.
#[derive(Debug)]
pub struct IdentityProof<'a> {
    /// The password. An account without one needs a recent proof of its session instead.
    pub password: Option<Password>,
    /// A code from the authenticator, or a recovery code. Required if the account has a second factor.
    pub code: Option<&'a str>,
}

/// A checked proof of identity. Its password was right. Its code is checked and used up by
/// [`CheckedProof::consume`].
#[derive(Debug)]
pub(crate) struct CheckedProof {
    code: Option<SecondFactorCode>,
}

/// Checks the password of a signed-in user again, or that the session has a recent proof if there is no
/// password. Requires a code if the account has a second factor.
///
/// The attempts stay counted as failures until [`CheckedProof::consume`] and [`clear_failed_attempts`] are
/// committed.
///
/// # Errors
/// - [`Error::Missing`] of `field` if the account has a password and the proof has none, and of `code` if
///   the account has a second factor and the proof has no code.
/// - [`Error::InvalidCredentials`] if the password is wrong.
/// - [`Error::RateLimited`] after too many wrong passwords or codes for the account.
/// - [`Error::ReauthRequired`] if the account has no password and the session's proof is not recent.
pub(crate) async fn reauthenticate(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    field: &'static str,
    proof: IdentityProof<'_>,
) -> Result<CheckedProof> {
    let user = &signed_in.user;
    let code = required_code(user, proof.code)?;
    match &user.password_hash {
        Some(_) => {
            let password = proof.password.ok_or_else(|| Error::missing(field))?;
            check_password(ctx, user, password).await?;
        }
        None => signed_in.require_recent_proof(ctx.now())?,
    }
    CheckedProof::of_code(ctx, &signed_in.requester, user, code).await
}

/// Returns the code that the account's second factor requires, or `None` if it has no second factor.
///
/// # Errors
/// [`Error::Missing`] of `code` if the account has a second factor and there is no code.
pub(super) fn required_code(user: &User, code: Option<&str>) -> Result<Option<SecondFactorCode>> {
    match (&user.second_factor, code) {
        (None, _) => Ok(None),
        (Some(_), Some(code)) => Ok(Some(SecondFactorCode::parse(code))),
        (Some(_), None) => Err(Error::missing("code")),
    }
}

impl CheckedProof {
    /// Creates the proof from a required code, and counts the attempt.
    ///
    /// # Errors
    /// [`Error::RateLimited`] after too many wrong codes for the account.
    pub(super) async fn of_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: Option<SecondFactorCode>,
    ) -> Result<Self> {
        if let Some(code) = &code {
            count_signed_in_attempt(ctx, requester, user, code).await?;
        }
        Ok(Self { code })
    }

    /// Checks the code and returns the user with it used up. The caller must store this user in `tx`, on
    /// the condition that the account is unchanged since it was read. Returns the user unchanged if the
    /// account has no second factor.
    ///
    /// # Errors
    /// - [`Error::InvalidCode`] if the code is wrong or used up.
    /// - [`Error::Missing`] of `code` if the second factor was enabled after the proof was checked.
    pub(crate) async fn consume(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        requester: &Requester,
        user: User,
    ) -> Result<User> {
        Ok(self.consume_code(ctx, tx, requester, user).await?.0)
    }

    /// Does the same as [`CheckedProof::consume`], and also returns the kind of the code.
    ///
    /// # Errors
    /// The errors of [`CheckedProof::consume`].
    pub(super) async fn consume_code(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        requester: &Requester,
        user: User,
    ) -> Result<(User, Option<SignInMethod>)> {
        match (&user.second_factor, &self.code) {
            (None, _) => Ok((user, None)),
            (Some(_), Some(code)) => {
                let (user, method) = consume_code(ctx, tx, requester, user, code).await?;
                Ok((user, Some(method)))
            }
            (Some(_), None) => Err(Error::missing("code")),
        }
    }
}

/// Checks the password of an account, and counts the attempt.
///
/// # Errors
/// - [`Error::InvalidCredentials`] if the password is wrong.
/// - [`Error::RateLimited`] after too many wrong passwords for the account.
pub(super) async fn check_password(ctx: &Context, user: &User, password: Password) -> Result<()> {
    let limiter = AttemptLimiter::for_sessions(&*ctx.secrets.keyring().await, &user.id);
    limiter.count_unread_attempt(ctx).await?;
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
    AttemptLimiter::for_sessions(&*ctx.secrets.keyring().await, &user.id).clear(tx)
}
