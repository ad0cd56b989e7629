//! Confirming a change of address with the code from the new address.

use super::{
    EMAIL_CHANGE_UNDO_TTL, EmailChangeUndo, UndoableEmailChange, request, undoable_changes,
};
use crate::accounts::deletion;
use crate::accounts::one_time_token::OneTimeToken;
use crate::accounts::{EmailGuard, User, find_by_email};
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Tx, retry_from};
use crate::error::{Error, Result};
use crate::keys;
use crate::mail::{self, LinkedPage, Message, Recipient, UndoLink};
use crate::mailed_codes::{self, CodeKey, MailedCode, VerifiedCode};
use crate::requester::Requester;
use crate::sessions::{AuthenticatedSession, reload_user};
use crate::values::{CodePurpose, EmailAddress};

/// Changes the account's address to the one that the code was mailed to, and notifies the old address.
///
/// # Errors
/// - [`Error::InvalidCode`] if the code is wrong, expired or used up.
/// - [`Error::EmailAlreadyExists`] if another account has verified or reserved the address meanwhile.
/// - [`Error::RateLimited`] if [`MAX_UNDOABLE_CHANGES`](super::MAX_UNDOABLE_CHANGES) can be undone already.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn confirm_email_change(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    code: &str,
) -> Result<User> {
    let code = MailedCode::parse(code);
    let key = request::change_email_code_key(&signed_in.user);
    let verified = mailed_codes::verify_code(ctx, &key, code.as_ref()).await?;
    let attempt = |before: User| attempt(ctx, &signed_in.requester, &verified, before);
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    verified: &VerifiedCode,
    before: User,
) -> Attempt<User> {
    // The account has the address already, because a change was undone in between.
    if *verified.address() == before.email {
        return Err(Error::InvalidCode.into());
    }
    let mut undoable = undoable_changes(&before.undoable, ctx.now())?;
    let mut tx = ctx.table.transaction();
    if before.email_verified {
        undoable
            .push(reserve_old_address(ctx, &mut tx, requester, &before, verified.address()).await?);
    } else {
        // The old address was never verified and may belong to a stranger, so it is neither reserved nor
        // restorable.
        let is_own = Condition::equal("user_id", &before.id)?;
        tx.delete(&keys::email_guard(&before.email), Some(is_own), AttemptError::Conflict)?;
        for purpose in [CodePurpose::VerifyEmail, CodePurpose::ResetPassword] {
            let code = CodeKey::for_address(purpose, &before.email).key();
            tx.delete(&code, None, AttemptError::Conflict)?;
        }
    }
    let user = User {
        email: verified.address().clone(),
        email_verified: true,
        undoable,
        ..before.clone().without_registration(&mut tx)?
    };
    verified.consume(&mut tx)?;
    let user = user.store(&mut tx)?;
    let replaced = claim_address(ctx, &mut tx, requester, &user).await?;
    let entry = AuditEvent::for_account(ctx, requester, Action::EmailChanged, &user.id);
    tx.commit(Log::Entries(replaced.into_iter().chain([entry]).collect())).await?;
    Ok(user)
}

/// Reserves the old address in `tx` while the change can be undone, and queues the notice with the undo link.
async fn reserve_old_address(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    before: &User,
    new: &EmailAddress,
) -> Result<UndoableEmailChange> {
    let token = OneTimeToken::generate(&*ctx.random, &before.id);
    let until = ctx.now().plus(EMAIL_CHANGE_UNDO_TTL);
    let reservation = EmailGuard { reserved_until: Some(until), ..EmailGuard::for_user(before) };
    tx.put(&reservation, Condition::equal("user_id", &before.id)?, AttemptError::Conflict)?;
    let (user_id, email) = (before.id.clone(), before.email.clone());
    tx.put_new(&EmailChangeUndo { user_id, hash: token.hash(), email, expires_at: until })?;
    let url = LinkedPage::UndoEmail.link(ctx, token.reveal());
    let undo = UndoLink { url, expires_at: until };
    let notice = Message::email_changed(ctx, requester, before, new, undo);
    mail::queue(ctx, &*ctx.secrets.keyring().await, tx, Recipient::from(before), notice)?;
    Ok(UndoableEmailChange { hash: token.hash(), until })
}

/// Claims the new address for the account in `tx`. An account that was never verified loses the address and
/// is deleted, so that registering the address of another person gains nothing.
///
/// Returns the log entry of that deletion, if there is one, or [`Error::EmailAlreadyExists`] if the
/// address is in use or reserved.
async fn claim_address(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
) -> Result<Option<AuditEvent>> {
    let now = ctx.now();
    let guard: Option<EmailGuard> = ctx.table.get(&keys::email_guard(&user.email)).await?;
    let unverified = match guard.filter(|guard| guard.user_id != user.id) {
        Some(guard) if guard.is_reserved(now) => return Err(Error::EmailAlreadyExists),
        Some(guard) if guard.reserved_until.is_none() => {
            find_by_email(ctx, &user.email, Some(&guard)).await?
        }
        // The address is free, belongs to this account, or its reservation is over.
        Some(_) | None => None,
    };
    let Some(unverified) = unverified else {
        let is_own = Condition::equal("user_id", &user.id)?;
        let free = Condition::Any(vec![EmailGuard::free_condition(now)?, is_own]);
        tx.put(&EmailGuard::for_user(user), free, AttemptError::Conflict)?;
        return Ok(None);
    };
    if unverified.is_activated(ctx) {
        return Err(Error::EmailAlreadyExists);
    }
    let is_theirs = Condition::equal("user_id", &unverified.id)?;
    tx.put(&EmailGuard::for_user(user), is_theirs, AttemptError::Conflict)?;
    deletion::delete_unverified_account(ctx, tx, requester, unverified).map(Some)
}
