//! A new password, or a first one, for somebody who is signed in.

use super::User;
use super::guesses::Guessed;
use super::password::{self, Password, PasswordHash};
use super::prove_owner::{prove_owner, read_proven};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Tx, retry_from};
use crate::error::Result;
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{self, Authenticated};

/// Sets the password and ends all other sessions.
///
/// An account with a password needs it: [`Error::InvalidCredentials`] when it is wrong, and
/// [`Error::RateLimited`] as at signing in. One without needs a recent sign-in:
/// [`Error::ReauthRequired`] otherwise.
pub async fn change_password(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    current: Option<Password>,
    new: Password,
) -> Result<()> {
    prove_owner(ctx, signed_in, "current_password", current).await?;
    let hashed = &password::hash(ctx, new).await?;
    let attempt = |before: User| async move {
        let user = with_password(before, hashed.clone());
        let mut tx = ctx.table.transaction();
        let user = put(ctx, &mut tx, requester, user).await?;
        sessions::keep(&mut tx, &signed_in.session, user.session_generation)?;
        let entry = AuditEvent::for_account(ctx, requester, Action::PasswordChanged, &user.id);
        tx.commit(entry).await
    };
    retry_from(ctx, signed_in.user.clone(), || read_proven(ctx, signed_in), attempt).await
}

/// The user with another password, and all sessions ended.
pub(super) fn with_password(user: User, hashed: PasswordHash) -> User {
    User { password_hash: Some(hashed), session_generation: user.session_generation + 1, ..user }
}

/// Adds to a change what a new password brings along: the user, who comes back as stored, the end of
/// what was counted against the old one, and a mail that says so.
pub(super) async fn put(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: User,
) -> Result<User> {
    let keyring = ctx.secrets.keyring().await;
    let user = user.store(tx)?;
    Guessed::password(&keyring, &user.email).forget(tx)?;
    let message = Message::password_changed(ctx, requester, &user);
    mail::queue(ctx, &keyring, tx, &user.email, message)?;
    Ok(user)
}
