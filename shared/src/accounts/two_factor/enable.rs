//! Enabling the second factor with the first code of an authenticator.

use super::recovery_codes::RecoveryCodeHashes;
use super::setup::PendingSetup;
use super::totp::Authenticator;
use super::{SecondFactor, SecondFactorCode};
use crate::accounts::User;
use crate::accounts::queue_security_notice;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_from};
use crate::error::{Error, Result};
use crate::keys;
use crate::mail::Message;
use crate::sessions::{self, AuthenticatedSession, reload_user};

/// Enables the second factor and ends all other sessions. Returns the ten recovery codes, which cannot be
/// read again. The code that enabled it is used up. Requires a recent proof of identity.
///
/// # Errors
/// - [`Error::TwoFactorNotStarted`] if no setup was started, or it has expired.
/// - [`Error::TwoFactorAlreadyEnabled`] if the account has a second factor.
/// - [`Error::InvalidCode`] if the code is wrong.
/// - [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn enable_two_factor(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    code: &str,
) -> Result<Vec<String>> {
    signed_in.require_recent_proof(ctx.now())?;
    let code = &SecondFactorCode::parse(code);
    let attempt = |before: User| attempt(ctx, signed_in, before, code);
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    before: User,
    code: &SecondFactorCode,
) -> Attempt<Vec<String>> {
    let requester = &signed_in.requester;
    if before.second_factor.is_some() {
        return Err(Error::TwoFactorAlreadyEnabled.into());
    }
    let key = keys::two_factor_setup(&before.id);
    let setup: Option<PendingSetup> = ctx.table.get(&key).await?;
    let setup =
        setup.filter(|setup| ctx.now() < setup.expires_at).ok_or(Error::TwoFactorNotStarted)?;
    let SecondFactorCode::Authenticator(digits) = code else {
        return Err(Error::InvalidCode.into());
    };
    let keyring = ctx.secrets.keyring().await;
    let last_step = Authenticator::open(keyring.account()?, &before.id, &setup.secret)?
        .matching_step(digits, ctx.now())
        .ok_or(Error::InvalidCode)?;
    let (recovery_codes, shown) = RecoveryCodeHashes::generate(ctx, keyring.account()?, &before.id);
    let same_secret = Condition::equal("secret", &setup.secret)?;
    let secret = setup.secret;
    let factor = SecondFactor { secret, last_step, recovery_codes, since: ctx.now() };
    let user = User {
        second_factor: Some(factor),
        session_generation: before.session_generation + 1,
        ..before
    };
    let mut tx = ctx.table.transaction();
    let user = user.store(&mut tx)?;
    tx.delete(&key, Some(same_secret), AttemptError::Conflict)?;
    sessions::move_to_generation(&mut tx, &signed_in.session, user.session_generation)?;
    let message = Message::two_factor_on(ctx, requester, &user);
    queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::TwoFactorEnabled, &user.id)).await?;
    Ok(shown)
}
