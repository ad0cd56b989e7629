//! Changing the password of a signed-in user, or setting the first one.

use super::User;
use super::attempt_limiter::AttemptLimiter;
use super::password::{self, Password};
use super::reauthenticate::{IdentityProof, reauthenticate, reload_reauthenticated};
use super::security_notice::queue_security_notice;
use super::sign_in_attempts::SignInAttempts;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Tx, retry_from};
use crate::error::Result;
use crate::mail::Message;
use crate::requester::Requester;
use crate::sessions::{self, AuthenticatedSession};

/// Sets the password of the signed-in user and ends all their other sessions.
///
/// # Errors
/// Those of [`reauthenticate`]:
/// - `Error::Missing` if the account has a password or a second factor and the proof lacks it.
/// - `Error::InvalidCredentials` if the current password is wrong.
/// - `Error::InvalidCode` if the code is wrong or used up.
/// - `Error::RateLimited` after too many wrong passwords or codes for the account.
/// - `Error::ReauthRequired` if the account has no password and the session's proof is not recent.
pub async fn change_password(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    proof: IdentityProof<'_>,
    new: Password,
) -> Result<()> {
    let proof = &reauthenticate(ctx, signed_in, "current_password", proof).await?;
    password::require_not_breached(ctx, &new).await?;
    let hashed = &password::hash(ctx, new).await?;
    let requester = &signed_in.requester;
    let attempt = |before: User| async move {
        let mut tx = ctx.table.transaction();
        let user = proof.consume(ctx, &mut tx, requester, before).await?;
        let user = user.with_password(Some(hashed.clone()));
        let user = store_with_new_password(ctx, &mut tx, requester, user).await?;
        sessions::move_to_generation(&mut tx, &signed_in.session, user.session_generation)?;
        let entry = AuditEvent::for_account(ctx, requester, Action::PasswordChanged, &user.id);
        tx.commit(entry).await
    };
    let reload = || reload_reauthenticated(ctx, signed_in);
    retry_from(ctx, signed_in.user.clone(), reload, attempt).await
}

/// Adds the user with a new password to `tx`, and the mail that reports the change. Clears the failed attempts with
/// the old password: those of the requester's network, of all networks together, and of sessions. Returns the user as
/// stored.
///
/// # Errors
/// An internal error if the mail cannot be serialized or encrypted. The commit fails with `AttemptError::Conflict` if
/// the account has changed since it was read.
pub(super) async fn store_with_new_password(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: User,
) -> Result<User> {
    let keyring = ctx.secrets.keyring().await;
    let user = user.store(tx)?;
    SignInAttempts::new(&keyring, requester, &user.email).clear(tx)?;
    AttemptLimiter::for_sessions(&keyring, &user.id).clear(tx)?;
    let message = Message::password_changed(ctx, requester, &user);
    queue_security_notice(ctx, &keyring, tx, &user, message)?;
    Ok(user)
}
