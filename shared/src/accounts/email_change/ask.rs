//! A code to the new address.

use super::still_undoable;
use crate::accounts::guesses::Guessed;
use crate::accounts::password::Password;
use crate::accounts::prove_owner::{prove_owner, read_proven};
use crate::accounts::{EmailGuard, User, find_by_email};
use crate::activity::Log;
use crate::codes::{IssuedCode, Slot};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::Authenticated;
use crate::values::{CodePurpose, EmailAddress};
use crate::{codes, keys, throttle};

/// What is known of the new address.
struct Before {
    user: User,
    code: Option<IssuedCode>,
    /// Somebody has it, or has just left it.
    taken: bool,
}

/// Mails a code to the new address, if nobody has it; otherwise does as much work for nothing: whose
/// an address is, is nobody else's business.
///
/// [`Error::NoPassword`] for an account without one; [`Error::InvalidCredentials`] and
/// [`Error::RateLimited`] as at signing in, the latter also within a minute of the last code, after five
/// an hour, and while five changes can be undone. An address that five codes were wanted for within an
/// hour, by whomever, gets no more.
pub async fn ask(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    new: &EmailAddress,
    password: Option<Password>,
) -> Result<()> {
    let user = &signed_in.user;
    if user.password_hash.is_none() {
        return Err(Error::NoPassword);
    }
    if user.email == *new {
        return Err(Error::invalid_field("new_email", "is the address already"));
    }
    still_undoable(user, ctx.now())?;
    let (guard, code) = look(ctx, user, new).await?;
    // Who asks too soon is told so before anything is counted: neither the password nor the address.
    codes::ready(ctx.now(), code.as_ref())?;
    let (has_room, (), taken) = tokio::try_join!(
        throttle::TO_ONE_ADDRESS.note(ctx, new),
        prove_owner(ctx, signed_in, "password", password),
        is_taken(ctx, user, new, guard),
    )?;
    let first = Before { user: user.clone(), code, taken };
    let read = || async {
        let user = read_proven(ctx, signed_in).await?;
        let (guard, code) = look(ctx, &user, new).await?;
        Ok(Before { taken: is_taken(ctx, &user, new, guard).await?, code, user })
    };
    retry_from(ctx, first, read, |before| attempt(ctx, requester, before, new, has_room)).await
}

async fn look(
    ctx: &Context,
    user: &User,
    new: &EmailAddress,
) -> Result<(Option<EmailGuard>, Option<IssuedCode>)> {
    let (guard, code) = (keys::email(new), slot(user).key());
    let mut found = ctx.table.batch_get(&[guard.clone(), code.clone()]).await?;
    Ok((found.take(&guard)?, found.take(&code)?))
}

/// Whether somebody else has the address, or keeps it. One's own from before can be had back.
async fn is_taken(
    ctx: &Context,
    user: &User,
    new: &EmailAddress,
    guard: Option<EmailGuard>,
) -> Result<bool> {
    let has_it = find_by_email(ctx, new, guard.as_ref()).await?;
    let in_use = has_it.is_some_and(|user| user.is_in_use(ctx));
    let reserved = guard.is_some_and(|g| g.is_reserved(ctx.now()) && g.user_id != user.id);
    Ok(in_use || reserved)
}

/// Where the code lies.
pub(super) fn slot(user: &User) -> Slot {
    Slot::of_user(CodePurpose::ChangeEmail, &user.id)
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    before: Before,
    new: &EmailAddress,
    has_room: bool,
) -> Result<()> {
    let Before { user, code: last, taken } = before;
    codes::ready(ctx.now(), last.as_ref())?;
    let keyring = ctx.secrets.keyring().await;
    let slot = slot(&user);
    let (code, row) = codes::issue(ctx, &keyring, &slot, new, &user.id, last.as_ref())?;
    let mut tx = ctx.table.transaction();
    if taken || !has_room {
        // Where only the mail is one too many, a code that went out before stays good.
        let note = || codes::note_request(ctx, &slot, new, last.as_ref());
        let row = if taken { row.unusable() } else { note() };
        codes::put(&mut tx, &row, last.as_ref())?;
        mail::queue_decoy(ctx, &keyring, &mut tx, requester, new)?;
    } else {
        codes::put(&mut tx, &row, last.as_ref())?;
        let message = Message::code(ctx, requester, CodePurpose::ChangeEmail, &user, &code);
        mail::queue(ctx, &keyring, &mut tx, new, message)?;
    }
    Guessed::password(&keyring, &user.email).forget(&mut tx)?;
    user.check_unchanged(&mut tx)?;
    tx.commit(Log::Nothing("the log tells when the address is another")).await
}
