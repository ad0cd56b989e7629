//! Changing the second factor of a signed-in user, which requires both factors.

use super::{SecondFactor, SecondFactorCode, consume_code, count_signed_in_attempt};
use crate::accounts::User;
use crate::accounts::attempt_limiter::AttemptLimiter;
use crate::accounts::password::Password;
use crate::accounts::reauthenticate::{reauthenticate, reload_reauthenticated};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{self, AuthenticatedSession};

/// A change of the second factor, with its log entry, mail and answer.
pub(super) struct SecondFactorChange<T> {
    /// The new second factor; `None` disables it.
    pub(super) factor: Option<SecondFactor>,
    /// Action for the activity log.
    pub(super) action: Action,
    /// Mail to the owner of the account.
    pub(super) message: Message,
    /// Answer to the requester.
    pub(super) answer: T,
}

/// Both factors of a user, as a request states them.
pub(super) struct BothFactors<'a> {
    /// The password. An account without one needs a recent sign-in instead.
    pub(super) password: Option<Password>,
    /// A TOTP or recovery code.
    pub(super) code: &'a str,
}

/// Checks both factors, applies the change that `decide` returns, and ends all other sessions.
///
/// # Errors
/// - [`Error::TwoFactorNotEnabled`] if the account has no second factor.
/// - [`Error::Missing`], [`Error::InvalidCredentials`] or [`Error::ReauthRequired`] if
///   reauthentication fails.
/// - [`Error::InvalidCode`] if the code is wrong or used up.
/// - [`Error::RateLimited`] after too many wrong passwords or codes.
pub(super) async fn change_second_factor<T>(
    ctx: &Context,
    requester: &Requester,
    signed_in: &AuthenticatedSession,
    proof: BothFactors<'_>,
    decide: impl Fn(&User) -> SecondFactorChange<T>,
) -> Result<T> {
    let (user, BothFactors { password, code }) = (&signed_in.user, proof);
    if user.second_factor.is_none() {
        return Err(Error::TwoFactorNotEnabled);
    }
    reauthenticate(ctx, signed_in, "password", password).await?;
    let code = &SecondFactorCode::parse(code);
    count_signed_in_attempt(ctx, user, code).await?;
    let decide = &decide;
    let attempt = |before: User| async move {
        let mut tx = ctx.table.transaction();
        let (user, _) = consume_code(ctx, &mut tx, requester, before, code).await?;
        let SecondFactorChange { factor, action, message, answer } = decide(&user);
        let user =
            User { second_factor: factor, session_generation: user.session_generation + 1, ..user };
        let user = user.store(&mut tx)?;
        sessions::move_to_generation(&mut tx, &signed_in.session, user.session_generation)?;
        let keyring = ctx.secrets.keyring().await;
        AttemptLimiter::for_password(&keyring, &user.email).clear(&mut tx)?;
        mail::queue(ctx, &keyring, &mut tx, &user.email, message)?;
        tx.commit(AuditEvent::for_account(ctx, requester, action, &user.id)).await?;
        Ok(answer)
    };
    retry_from(ctx, user.clone(), || reload_reauthenticated(ctx, signed_in), attempt).await
}
