//! The second factor: an authenticator app (TOTP, RFC 6238), and recovery codes in case it is lost.

pub mod challenge;
mod change_second_factor;
pub mod disable;
pub mod enable;
mod imported_secret;
mod recovery_codes;
pub mod replace_recovery_codes;
pub mod reset;
mod second_factor;
mod second_factor_code;
pub mod setup;
pub mod status;
mod stored;
mod totp;

use super::User;
use super::attempt_limiter::{AttemptLimiter, FailedAttempts};
use crate::accounts::queue_security_notice;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::mail::{Message, ResetStopMethod};
use crate::requester::Requester;
use crate::sessions::SignInMethod;
pub use imported_secret::ImportedTotpSecret;
use reset::stop_waiting_reset;
use second_factor::AcceptedCode;
pub use second_factor::SecondFactor;
pub use second_factor_code::SecondFactorCode;
pub use stored::StoredTwoFactor;
pub(super) use stored::read_stored_two_factor;

/// Counts an attempt before the code is checked.
///
/// Recovery codes are not limited: nobody can guess their 80 bits. So an owner can use one to sign in while an
/// attacker's wrong codes delay the account.
///
/// # Errors
/// [`Error::RateLimited`] while the delay of an earlier failure lasts. The tenth failure in a row is the first with a
/// delay.
async fn count_second_factor_attempt(
    ctx: &Context,
    requester: &Requester,
    user: &User,
    before: Option<FailedAttempts>,
    code: &SecondFactorCode,
) -> Result<()> {
    match code_limiter(ctx, requester, user, code).await {
        Some(limiter) => limiter.count_attempt(ctx, before).await,
        None => Ok(()),
    }
}

/// Counts an attempt of a signed-in user, as [`count_second_factor_attempt`] does for sign-ins, without failures that
/// were read before.
///
/// # Errors
/// Those of [`count_second_factor_attempt`].
pub(super) async fn count_signed_in_attempt(
    ctx: &Context,
    requester: &Requester,
    user: &User,
    code: &SecondFactorCode,
) -> Result<()> {
    match code_limiter(ctx, requester, user, code).await {
        Some(limiter) => limiter.count_unread_attempt(ctx).await,
        None => Ok(()),
    }
}

/// Returns the limiter for attempts with a code of this kind; `None` for recovery codes, which are not limited.
async fn code_limiter(
    ctx: &Context,
    requester: &Requester,
    user: &User,
    code: &SecondFactorCode,
) -> Option<AttemptLimiter> {
    match code {
        SecondFactorCode::Authenticator(_) | SecondFactorCode::Malformed => {
            let keyring = ctx.secrets.keyring().await;
            Some(AttemptLimiter::for_second_factor(&keyring, user, requester))
        }
        SecondFactorCode::Recovery(_) => None,
    }
}

/// Checks a code and returns the user with that code used up. The caller must store this user in `tx`, on
/// the condition that the account is unchanged since it was read.
///
/// Also clears the failed attempts in `tx`, and queues a mail if a recovery code was used. A reset of the second factor
/// that waits is stopped, logged and mailed in `tx`, because the person still has it.
///
/// # Errors
/// - [`Error::TwoFactorNotEnabled`] if the account has no second factor.
/// - [`Error::InvalidCode`] if the code is wrong or used up.
pub(super) async fn consume_code(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: User,
    code: &SecondFactorCode,
) -> Result<(User, SignInMethod)> {
    let keyring = ctx.secrets.keyring().await;
    let factor = user.second_factor.as_ref().ok_or(Error::TwoFactorNotEnabled)?;
    let AcceptedCode { after, method } =
        factor.check_code(ctx, keyring.account()?, &user.id, code)?;
    AttemptLimiter::for_second_factor(&keyring, &user, requester).clear(tx)?;
    let stop_method = if method == SignInMethod::RecoveryCode {
        let left = after.recovery_codes.count_left();
        let message = Message::recovery_code_used(ctx, requester, &user, left);
        queue_security_notice(ctx, &keyring, tx, &user, message)?;
        ResetStopMethod::RecoveryCode
    } else {
        ResetStopMethod::Authenticator
    };
    let mut user = User { second_factor: Some(after), ..user };
    stop_waiting_reset(ctx, tx, requester, &mut user, stop_method).await?;
    Ok((user, method))
}
