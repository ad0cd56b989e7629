//! Requesting a reset of the second factor, for an owner who asks support for it.

use super::{PendingTwoFactorReset, TWO_FACTOR_RESET_DELAY};
use crate::accounts::{User, queue_security_notice};
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::jobs::Job;
use crate::keys;
use crate::mail::Message;
use crate::mail::suppression::read_suppression;
use crate::support_case::SupportCase;
use crate::switches::Feature;

/// Requests a reset of an account's second factor, and mails the owner at once. [`TWO_FACTOR_RESET_DELAY`] later the
/// authenticator, the recovery codes and all passkeys are removed, unless the reset is stopped. Returns the reset.
/// Repeating it returns the reset that waits already, which is not put off.
///
/// # Errors
/// - `NotFound` if there is no such account.
/// - [`Error::TwoFactorNotEnabled`] if the account has no second factor.
/// - [`Error::PendingDeletion`] if the account is being erased.
/// - [`Error::AccountSuspended`] if the account is suspended: its owner cannot stop it on the security page.
/// - [`Error::InvalidField`] if the account's address gets no mail, because a mail came back or was reported as spam.
/// - [`Error::Disabled`] while mail is switched off: an owner who gets no mail cannot stop it.
/// - `Contention` if concurrent changes kept interfering.
pub async fn request_two_factor_reset(
    ctx: &Context,
    id: &UserId,
    case: &SupportCase,
) -> Result<PendingTwoFactorReset> {
    ctx.switches.require(Feature::Mail).await?;
    retry_conflicts(ctx, || attempt(ctx, id, case)).await
}

async fn attempt(ctx: &Context, id: &UserId, case: &SupportCase) -> Attempt<PendingTwoFactorReset> {
    let user: User = ctx.table.get(&keys::user(id)).await?.ok_or(Error::NotFound)?;
    if user.is_past_grace_period(ctx.now()) {
        return Err(Error::PendingDeletion.into());
    }
    user.require_not_suspended()?;
    if let Some(waiting) = user.two_factor_reset {
        return Ok(waiting);
    }
    if user.second_factor.is_none() {
        return Err(Error::TwoFactorNotEnabled.into());
    }
    if read_suppression(ctx, &user.email).await?.is_some() {
        let why = "is an account whose address gets no mail, so that its owner could not stop it";
        return Err(Error::invalid_field("user_id", why).into());
    }
    let now = ctx.now();
    let due_at = now.plus(TWO_FACTOR_RESET_DELAY);
    let reset = PendingTwoFactorReset { requested_at: now, due_at, case: case.clone() };
    let mut tx = ctx.table.transaction();
    let user = User { two_factor_reset: Some(reset.clone()), ..user }.store(&mut tx)?;
    // The job of a reset that was canceled in this second has the same name.
    Job::ResetTwoFactor { user_id: id.clone(), due_at }.requeue(&mut tx)?;
    let message = Message::two_factor_reset_requested(ctx, &user, due_at);
    queue_security_notice(ctx, &*ctx.secrets.keyring().await, &mut tx, &user, message)?;
    let scope = AuditScope::User(id.clone());
    let action = Action::TwoFactorResetRequested;
    tx.commit(AuditEvent::for_support(ctx, &scope, case, action)).await?;
    Ok(reset)
}
