//! Changing the second factor of a signed-in user, which requires both factors.

use super::SecondFactor;
use crate::accounts::User;
use crate::accounts::attempt_limiter::AttemptLimiter;
use crate::accounts::queue_security_notice;
use crate::accounts::reauthenticate::{IdentityProof, reauthenticate, reload_reauthenticated};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::mail::Message;
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
    signed_in: &AuthenticatedSession,
    proof: IdentityProof<'_>,
    decide: impl Fn(&User) -> SecondFactorChange<T>,
) -> Result<T> {
    let (requester, user) = (&signed_in.requester, &signed_in.user);
    if user.second_factor.is_none() {
        return Err(Error::TwoFactorNotEnabled);
    }
    let proof = &reauthenticate(ctx, signed_in, "password", proof).await?;
    let decide = &decide;
    let attempt = |before: User| async move {
        if before.second_factor.is_none() {
            return Err(Error::TwoFactorNotEnabled.into());
        }
        let mut tx = ctx.table.transaction();
        let user = proof.consume(ctx, &mut tx, requester, before).await?;
        let SecondFactorChange { factor, action, message, answer } = decide(&user);
        let user =
            User { second_factor: factor, session_generation: user.session_generation + 1, ..user };
        let user = user.store(&mut tx)?;
        sessions::move_to_generation(&mut tx, &signed_in.session, user.session_generation)?;
        let keyring = ctx.secrets.keyring().await;
        AttemptLimiter::for_sessions(&keyring, &user.id).clear(&mut tx)?;
        queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
        tx.commit(AuditEvent::for_account(ctx, requester, action, &user.id)).await?;
        Ok(answer)
    };
    retry_from(ctx, user.clone(), || reload_reauthenticated(ctx, signed_in), attempt).await
}
