//! Deletes a passkey.

use super::delete_items;
use super::rename::read_passkey;
use crate::accounts::{User, queue_security_notice};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_from};
use crate::error::{Error, Result};
use crate::ids::PasskeyId;
use crate::mail::{Message, PasskeyChange};
use crate::requester::Requester;
use crate::sessions::{AuthenticatedSession, reload_user};

/// Deletes a passkey of the session's user. Sessions stay valid. Requires a recent proof of identity.
///
/// # Errors
/// - [`Error::NotFound`] if the account has no such passkey.
/// - [`Error::LastSignInMethod`] if the account has no other way to sign in.
/// - [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn delete_passkey(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    id: &PasskeyId,
) -> Result<()> {
    signed_in.require_recent_proof(ctx.now())?;
    let attempt = |user: User| attempt(ctx, &signed_in.requester, user, id);
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    mut user: User,
    id: &PasskeyId,
) -> Attempt<()> {
    let passkey = read_passkey(ctx, &user, id).await?;
    let (deleted, kept): (Vec<_>, Vec<_>) =
        user.passkeys.into_iter().partition(|entry| entry.id == *id);
    user.passkeys = kept;
    if !user.can_sign_in() {
        return Err(Error::LastSignInMethod.into());
    }
    let mut tx = ctx.table.transaction();
    delete_items(&mut tx, &user.id, &deleted)?;
    let user = user.store(&mut tx)?;
    let keyring = ctx.secrets.keyring().await;
    let message =
        Message::passkey_changed(ctx, requester, &user, &passkey.name, PasskeyChange::Removed);
    queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
    let entry = AuditEvent::for_account(ctx, requester, Action::PasskeyRemoved, &user.id);
    tx.commit(entry.with_target(id).with_detail("name", &passkey.name)).await
}
