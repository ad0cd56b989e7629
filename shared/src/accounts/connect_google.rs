//! Connecting a Google account to the account of a signed-in user.

use super::User;
use super::claim_unverified_account::claim_unverified_account;
use super::finish_sign_in::SignInAnswer;
use super::google_account::{GoogleAccount, GoogleGuard};
use super::queue_security_notice;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, retry_from};
use crate::error::{Error, Result};
use crate::google::GoogleIdentity;
use crate::keys;
use crate::mail::Message;
use crate::sessions::{AuthenticatedSession, reload_user};

/// Connects a Google identity to the account. The addresses of both may differ. Connecting the same
/// identity again changes nothing.
///
/// Sessions stay valid, with one exception: if the identity proves the address of an account that was
/// never verified, the identity claims the whole account. The current session may belong to a squatter
/// then, so it ends, and the function returns the answer to a new sign-in.
///
/// # Errors
/// - [`Error::GoogleAlreadyConnected`] if the identity is connected to another account, or the account
///   to another identity.
/// - [`Error::GoogleEmailNotVerified`] if Google reports no address.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn connect_google(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    identity: &GoogleIdentity,
) -> Result<Option<SignInAnswer>> {
    let attempt = |user: User| attempt(ctx, signed_in, identity, user);
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    identity: &GoogleIdentity,
    user: User,
) -> Attempt<Option<SignInAnswer>> {
    let requester = &signed_in.requester;
    let key = keys::google_guard(&identity.issuer, &identity.subject);
    let guard: Option<GoogleGuard> = ctx.table.get(&key).await?;
    if guard.as_ref().is_some_and(|guard| guard.user_id != user.id) {
        return Err(Error::GoogleAlreadyConnected.into());
    }
    if user.is_verified_by(identity) {
        return Ok(Some(claim_unverified_account(ctx, requester, identity, user).await?));
    }
    match (&user.google, guard) {
        (Some(google), Some(_)) if google.matches(identity) => return Ok(None),
        (Some(google), _) if !google.matches(identity) => {
            return Err(Error::GoogleAlreadyConnected.into());
        }
        (None, None) => {}
        // The two reads contradict each other, so one of the rows has just changed.
        (Some(_), _) | (None, Some(_)) => return Err(AttemptError::Conflict),
    }
    let google = GoogleAccount::from_identity(ctx, identity);
    let google = google.ok_or(Error::GoogleEmailNotVerified)?;
    let mut tx = ctx.table.transaction();
    google.put_guard(&mut tx, &user.id)?;
    tx.check(&signed_in.session.key(), &Condition::Exists, Error::InvalidSession)?;
    let keyring = ctx.secrets.keyring().await;
    let message = Message::google_connected(ctx, requester, &user, &google.email);
    queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
    let user = User { google: Some(google), ..user }.store(&mut tx)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::GoogleConnected, &user.id)).await?;
    Ok(None)
}
