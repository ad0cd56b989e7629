//! Resetting the second factor once the reset is due.

use crate::accounts::mailed_link::{LinkPurpose, create_link};
use crate::accounts::{User, passkeys, queue_security_notice};
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, retry_conflicts};
use crate::error::Result;
use crate::ids::UserId;
use crate::jobs::Progress;
use crate::keys;
use crate::mail::suppression::read_suppression;
use crate::mail::{self, Message, Recipient};
use crate::switches::Feature;

/// Removes the second factor, the password and all passkeys of an account, ends its sessions and mails the owner, if
/// the reset that is due at `due_at` still waits. It is idempotent and safe to run concurrently.
///
/// Before that time it is blocked, and the hourly run tries again. It is also blocked while its owner could not stop
/// it: while mail is switched off, while the account's address gets none, and while the account is suspended.
///
/// # Errors
/// `Unavailable` if the table cannot be reached, `Contention` if concurrent changes kept interfering.
pub async fn apply_two_factor_reset(
    ctx: &Context,
    id: &UserId,
    due_at: Timestamp,
) -> Result<Progress> {
    retry_conflicts(ctx, || attempt(ctx, id, due_at)).await
}

async fn attempt(ctx: &Context, id: &UserId, due_at: Timestamp) -> Attempt<Progress> {
    let now = ctx.now();
    let user: Option<User> = ctx.table.get(&keys::user(id)).await?;
    let Some(mut user) = user.filter(|user| !user.is_past_grace_period(now)) else {
        return Ok(Progress::Done);
    };
    // Another one has a job of its own, and one that was stopped or has taken effect has none left.
    let Some(reset) = user.two_factor_reset.take_if(|reset| reset.due_at == due_at) else {
        return Ok(Progress::Done);
    };
    if now < due_at || user.suspension.is_some() || !ctx.switches.is_on(Feature::Mail).await {
        return Ok(Progress::Blocked);
    }
    if read_suppression(ctx, &user.email).await?.is_some() {
        return Ok(Progress::Blocked);
    }
    let mut tx = ctx.table.transaction();
    passkeys::delete_items(&mut tx, id, &user.passkeys)?;
    tx.delete(&keys::two_factor_setup(id), None, AttemptError::Conflict)?;
    let (passkeys, had_password) = (user.passkeys.len(), user.password_hash.is_some());
    // The person who asked support may be a thief with the password.
    let user = User { second_factor: None, passkeys: Vec::new(), ..user.with_password(None) };
    let user = user.store(&mut tx)?;
    let keyring = ctx.secrets.keyring().await;
    let message = Message::two_factor_reset(ctx, &user);
    queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
    if had_password {
        let link = create_link(ctx, &mut tx, &user, LinkPurpose::NewPassword)?;
        let message = Message::new_password_after_two_factor_reset(ctx, &user, link);
        mail::queue(ctx, &keyring, &mut tx, Recipient::from(&user), message)?;
    }
    let scope = AuditScope::User(id.clone());
    let event = AuditEvent::for_support(ctx, &scope, &reset.case, Action::TwoFactorReset);
    tx.commit(event.with_detail("passkeys", passkeys)).await?;
    Ok(Progress::Done)
}
