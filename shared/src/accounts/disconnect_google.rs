//! Disconnecting the Google account of a signed-in user.

use super::User;
use super::queue_security_notice;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::mail::Message;
use crate::sessions::{AuthenticatedSession, reload_user};

/// Disconnects the Google account. Sessions stay valid. Requires a recent proof of identity.
///
/// # Errors
/// - [`Error::NotFound`] if no Google account is connected.
/// - [`Error::LastSignInMethod`] if the account has neither a password nor a passkey to sign in with afterwards.
/// - [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn disconnect_google(ctx: &Context, signed_in: &AuthenticatedSession) -> Result<()> {
    signed_in.require_recent_proof(ctx.now())?;
    let requester = &signed_in.requester;
    let attempt = |before: User| async move {
        if before.google.is_none() {
            return Err(Error::NotFound.into());
        }
        let mut tx = ctx.table.transaction();
        before.delete_google_guard(&mut tx)?;
        let user = User { google: None, ..before };
        if !user.can_sign_in() {
            return Err(Error::LastSignInMethod.into());
        }
        let user = user.store(&mut tx)?;
        let keyring = ctx.secrets.keyring().await;
        let message = Message::google_disconnected(ctx, requester, &user);
        queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
        tx.commit(AuditEvent::for_account(ctx, requester, Action::GoogleDisconnected, &user.id))
            .await
    };
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}
