//! The code that came to the new address.

use super::{UNDO_FOR, Undo, UndoableChange, ask, still_undoable};
use crate::accounts::one_time::OneTimeToken;
use crate::accounts::{EmailGuard, User, deletion, find_by_email};
use crate::activity::{Action, AuditEvent, Log};
use crate::codes::{Code, Proven, Slot};
use crate::context::Context;
use crate::dynamo::{Condition, Tx, retry_from};
use crate::error::{Error, Result};
use crate::mail::{self, Message, UndoLink};
use crate::requester::Requester;
use crate::sessions::{Authenticated, read_again};
use crate::values::{CodePurpose, EmailAddress};
use crate::{codes, keys};

/// Moves the account to the address that the code went to, and tells the old one. [`Error::InvalidCode`];
/// [`Error::EmailAlreadyExists`] where somebody else has proven the address since;
/// [`Error::RateLimited`] after five changes in a week.
pub async fn confirm(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    code: &str,
) -> Result<User> {
    let code = Code::parse(code);
    let proven = codes::judge(ctx, &ask::slot(&signed_in.user), code.as_ref()).await?;
    let attempt = |before: User| attempt(ctx, requester, &proven, before);
    retry_from(ctx, signed_in.user.clone(), || read_again(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    proven: &Proven,
    before: User,
) -> Result<User> {
    // It has the address already: an undo in between has brought it back.
    if *proven.address() == before.email {
        return Err(Error::InvalidCode);
    }
    let mut undoable = still_undoable(&before, ctx.now())?;
    let mut tx = ctx.table.transaction();
    if before.email_verified {
        undoable.push(keep_way_back(ctx, &mut tx, requester, &before, proven.address()).await?);
    } else {
        // Nobody has proven the old address, and so it is nobody's to keep or to come back to: it may
        // be a stranger's.
        let mine = Condition::equal("user_id", &before.id)?;
        tx.delete(&keys::email(&before.email), Some(mine), Error::Conflict)?;
        for purpose in [CodePurpose::VerifyEmail, CodePurpose::ResetPassword] {
            let code = Slot::of_address(purpose, &before.email).key();
            tx.delete(&code, None, Error::Conflict)?;
        }
    }
    let user = User {
        email: proven.address().clone(),
        email_verified: true,
        pending: None,
        undoable,
        ..before.clone()
    };
    proven.spend(&mut tx)?;
    let user = user.store(&mut tx)?;
    let squatter = take_address(ctx, &mut tx, requester, &user).await?;
    let entry = AuditEvent::for_account(ctx, requester, Action::EmailChanged, &user.id);
    tx.commit(Log::Entries(squatter.into_iter().chain([entry]).collect())).await?;
    Ok(user)
}

/// Adds to a change that the old address stays the account's until the change can't be undone any more,
/// and the notice that goes there.
async fn keep_way_back(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    before: &User,
    new: &EmailAddress,
) -> Result<UndoableChange> {
    let token = OneTimeToken::generate(&*ctx.random, &before.id);
    let until = ctx.now().plus(UNDO_FOR);
    let kept = EmailGuard { reserved_until: Some(until), ..EmailGuard::of(before) };
    tx.put(&kept, Condition::equal("user_id", &before.id)?, Error::Conflict)?;
    let (user_id, email) = (before.id.clone(), before.email.clone());
    tx.put_new(&Undo { user_id, hash: token.hash(), email, expires_at: until })?;
    let link = format!("{}/api/v1/email/undo#{}", ctx.config.base_url, token.reveal());
    let undo = UndoLink { url: link, expires_at: until };
    let notice = Message::email_changed(ctx, requester, before, new, undo);
    mail::queue(ctx, &*ctx.secrets.keyring().await, tx, &before.email, notice)?;
    Ok(UndoableChange { hash: token.hash(), until })
}

/// Makes the address the account's. An account that nobody has proven gives way, and is erased:
/// registering somebody's address first gains nothing. What the log says of that comes back.
async fn take_address(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
) -> Result<Option<AuditEvent>> {
    let now = ctx.now();
    let guard: Option<EmailGuard> = ctx.table.get(&keys::email(&user.email)).await?;
    let squatter = match guard.filter(|guard| guard.user_id != user.id) {
        Some(guard) if guard.is_reserved(now) => return Err(Error::EmailAlreadyExists),
        Some(guard) if guard.reserved_until.is_none() => {
            find_by_email(ctx, &user.email, Some(&guard)).await?
        }
        // Nobody's, one's own, or kept by somebody whose time is over.
        Some(_) | None => None,
    };
    let Some(squatter) = squatter else {
        let mine = Condition::equal("user_id", &user.id)?;
        let free = Condition::Any(vec![EmailGuard::is_free(now)?, mine]);
        tx.put(&EmailGuard::of(user), free, Error::Conflict)?;
        return Ok(None);
    };
    if squatter.is_in_use(ctx) {
        return Err(Error::EmailAlreadyExists);
    }
    let theirs = Condition::equal("user_id", &squatter.id)?;
    tx.put(&EmailGuard::of(user), theirs, Error::Conflict)?;
    deletion::erase_squatter(ctx, tx, requester, squatter).map(Some)
}
