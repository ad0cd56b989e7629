//! Undoing a change of address with the link in the notice.

use super::EmailChangeUndo;
use super::previous_addresses::read_undos;
use crate::accounts::end_password::end_password;
use crate::accounts::one_time_token::OneTimeToken;
use crate::accounts::recent_access::{EndedAccess, RecentAccess, TokensToEnd};
use crate::accounts::{EmailGuard, User};
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::mail::NewPasswordReason;
use crate::requester::Requester;
use crate::throttle::Throttle;
use crate::values::EmailAddress;

/// Restores the address that the token was mailed to. Ends all sessions, all tokens, the password, and what else was
/// added to the account in the last days. Mails a link to the address that sets a new password. Later changes of the
/// address can no longer be undone, so that an attacker cannot revert this.
///
/// # Errors
/// - [`Error::InvalidCode`] if the token is unknown, used or expired, or if the undo of an earlier change
///   covered this one.
/// - [`Error::RateLimited`] after too many requests from one network.
pub async fn undo_email_change(
    ctx: &Context,
    requester: &Requester,
    token: &str,
) -> Result<EndedAccess> {
    Throttle::unauthenticated("undo-email").count_request(ctx, requester).await?;
    let token = OneTimeToken::parse(token).ok_or(Error::InvalidCode)?;
    retry_conflicts(ctx, || attempt(ctx, requester, &token)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    token: &OneTimeToken,
) -> Attempt<EndedAccess> {
    let keys = [keys::user(token.user_id()), keys::email_undo(token.user_id(), &token.hash())];
    let recent = RecentAccess::read(ctx, token.user_id(), TokensToEnd::All);
    let (mut found, recent) = tokio::try_join!(ctx.table.batch_get(&keys), recent)?;
    let before: User = found.take(&keys[0])?.ok_or(Error::InvalidCode)?;
    let undo: EmailChangeUndo = found.take(&keys[1])?.ok_or(Error::InvalidCode)?;
    if !undo.can_restore(&before, ctx.now()) {
        return Err(Error::InvalidCode.into());
    }
    let mut tx = ctx.table.transaction();
    let user = undo.restore(&mut tx, before)?;
    // An attacker who changed the address knows the password, and may have prepared other ways in.
    let (user, ended) = recent.end(ctx, &mut tx, requester, user).await?;
    end_password(ctx, &mut tx, requester, user, NewPasswordReason::EmailChangeUndone).await?;
    let action = Action::EmailChangeUndone;
    let entry = AuditEvent::for_account(ctx, requester, action, token.user_id());
    tx.commit(ended.describe(entry)).await?;
    Ok(ended)
}

/// Restores in `tx` an address that the account had before, if it has another one now and can still restore it.
/// The caller stores the returned user.
///
/// # Errors
/// [`Error::Unavailable`] if the table does not respond. The commit fails with [`AttemptError::Conflict`] if another
/// account has one of the two addresses meanwhile, and with [`Error::InvalidCode`] if the undo has been used up.
pub(in crate::accounts) async fn restore_address(
    ctx: &Context,
    tx: &mut Tx<'_>,
    user: User,
    email: &EmailAddress,
) -> Result<User> {
    if user.email == *email {
        return Ok(user);
    }
    let undos = read_undos(ctx, &user).await?;
    let undo = undos.iter().filter(|undo| undo.can_restore(&user, ctx.now()));
    match undo.into_iter().find(|undo| undo.email == *email) {
        Some(undo) => undo.restore(tx, user),
        None => Ok(user),
    }
}

impl EmailChangeUndo {
    /// Returns whether the account can restore the address: the undo has not expired, and that of an earlier change
    /// did not cover it.
    fn can_restore(&self, user: &User, now: Timestamp) -> bool {
        now < self.expires_at && user.undoable.iter().any(|change| change.hash == self.hash)
    }

    /// Restores the address in `tx`, and uses the undo up. Later changes can no longer be undone.
    fn restore(&self, tx: &mut Tx<'_>, before: User) -> Result<User> {
        let changes = before.undoable.iter();
        let undoable = changes.take_while(|change| change.hash != self.hash).cloned().collect();
        let user = User { email: self.email.clone(), undoable, ..before.clone() };
        let is_own = Condition::equal("user_id", &user.id)?;
        tx.put(&EmailGuard::for_user(&user), is_own.clone(), AttemptError::Conflict)?;
        // Both addresses are equal if a later change has already restored the address.
        if before.email != user.email {
            tx.delete(&keys::email_guard(&before.email), Some(is_own), AttemptError::Conflict)?;
        }
        tx.delete(&self.key(), Some(Condition::Exists), Error::InvalidCode)?;
        Ok(user)
    }
}
