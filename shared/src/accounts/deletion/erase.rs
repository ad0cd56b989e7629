//! Erasing an account: deletes everything that is stored about a person.
//!
//! Items that refer to others are deleted after those, and the account last. If a run stops at any point,
//! the next one therefore finds what is left. `docs/SECURITY.md` lists what stays.

use futures_util::FutureExt;
use futures_util::future::try_join_all;

use super::erase_log::erase_log;
use super::erase_memberships::erase_memberships;
use super::{Deletion, Erasure};
use crate::accounts::email_change::previous_addresses;
use crate::accounts::{EmailGuard, User};
use crate::activity::{AuditScope, Log};
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Chunk, Condition, Key, Range, Record, SortKeyCondition, Update,
    retry_conflicts,
};
use crate::error::Result;
use crate::keys;
use crate::mailed_codes::CodeKey;
use crate::stripe::Stripe;
use crate::tokens::Token;
use crate::tokens::expiry_reminder::reminder_keys;
use crate::values::{CodePurpose, EmailAddress};

/// The outcome of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureOutcome {
    /// The account is erased.
    Erased,
    /// Nothing was erased: the account was verified or restored, is not due yet, or is erased already.
    NotDue,
}

/// Lists the erasures that are due in any shard, the oldest first: at most `max`, behind the sort key `after`.
///
/// # Errors
/// `Error::Unavailable` if the table does not respond.
pub async fn list_due_erasures(
    ctx: &Context,
    after: Option<&str>,
    max: usize,
) -> Result<Chunk<Erasure>> {
    let end = keys::due_end(ctx.now());
    // All of the oldest may be in one shard.
    let shards = keys::shard_partitions(keys::ERASURES).map(async |pk| {
        let range = Range { pk: &pk, sort_keys: SortKeyCondition::Before(&end) };
        let after = after.map(|after| Key::new(pk.clone(), after));
        ctx.table.query_first_after::<Erasure>(&range, after.as_ref(), max).await
    });
    let mut due = Chunk { items: Vec::new(), more: false };
    for shard in try_join_all(shards).await? {
        due.items.extend(shard.items);
        due.more |= shard.more;
    }
    due.more |= due.items.len() > max;
    due.items.sort_by_cached_key(|erasure| erasure.key().sk);
    due.items.truncate(max);
    Ok(due)
}

/// Erases an account that is due. It is idempotent and safe to run concurrently.
///
/// # Errors
/// `Error::Unavailable` if the table or Stripe does not respond. What was erased by then stays erased.
pub async fn erase_account(
    ctx: &Context,
    stripe: &Stripe,
    erasure: &Erasure,
) -> Result<ErasureOutcome> {
    retry_conflicts(ctx, || attempt(ctx, stripe, erasure)).await
}

async fn attempt(ctx: &Context, stripe: &Stripe, erasure: &Erasure) -> Attempt<ErasureOutcome> {
    let Some(user) = begin(ctx, erasure).await? else { return Ok(ErasureOutcome::NotDue) };
    // Boxed, because the future is large and its callers would move it from frame to frame.
    erase_memberships(ctx, stripe, &user).boxed().await?;
    erase_addresses(ctx, &user).await?;
    erase_reminders(ctx, &user).await?;
    // Sessions go before the log: afterwards no sign-out can add an entry to it.
    let account = user.key();
    ctx.table.delete_partition(&account.pk, Some(&account.sk)).await?;
    erase_log(ctx, &AuditScope::User(user.id.clone()), user.created_at).await?;
    end(ctx, erasure, &user).await?;
    Ok(ErasureOutcome::Erased)
}

/// Marks the account as being erased: concurrent changes of it fail, and it can no longer be restored.
/// Returns `None` if there is nothing to erase.
async fn begin(ctx: &Context, erasure: &Erasure) -> Attempt<Option<User>> {
    if ctx.now() < erasure.due_at {
        return Ok(None);
    }
    let user: Option<User> = ctx.table.get(&keys::user(&erasure.user_id)).await?;
    let deletion = user.as_ref().and_then(|user| deletion_of(ctx, user, erasure));
    let (Some(user), Some(deletion)) = (user, deletion) else {
        // The account was verified, restored, rescheduled or erased since this erasure was read.
        ctx.table.delete(&erasure.key()).await?;
        return Ok(None);
    };
    if deletion.erasing {
        return Ok(Some(user));
    }
    let mark = Update::new(user.key())
        .set("deletion", Deletion { erasing: true, ..deletion })?
        .add("session_generation", 1)
        .add("version", 1)
        .only_if(Condition::equal("version", user.version)?);
    ctx.table.update(mark).await?.ok_or(AttemptError::Conflict).map(Some)
}

/// Returns the deletion that an erasure belongs to: the one that was scheduled, or that of a registration which
/// nobody has verified in time.
fn deletion_of(ctx: &Context, user: &User, erasure: &Erasure) -> Option<Deletion> {
    match &user.deletion {
        Some(deletion) => {
            Some(deletion.clone()).filter(|deletion| deletion.due_at == erasure.due_at)
        }
        None => user
            .is_expired_registration(ctx, erasure.due_at)
            .then(|| Deletion::scheduled_at(ctx, erasure.due_at)),
    }
}

/// Deletes the account's codes, previous addresses, and the guards of its passkeys and Google account. An address may
/// belong to another account by now, so each deletion requires that the item belongs to this account.
async fn erase_addresses(ctx: &Context, user: &User) -> Attempt<()> {
    let is_own = &Condition::equal("user_id", &user.id)?;
    let previous = previous_addresses(ctx, user).await?;
    let previous: Vec<_> = previous.into_iter().map(|previous| previous.email).collect();
    for email in previous.iter().chain([&user.email]) {
        erase_codes(ctx, email, is_own).await?;
    }
    for email in previous.iter().filter(|email| **email != user.email) {
        ctx.table.delete_if(&keys::email_guard(email), is_own).await?;
    }
    ctx.table.delete(&CodeKey::for_user(CodePurpose::ChangeEmail, &user.id).key()).await?;
    for passkey in &user.passkeys {
        ctx.table.delete_if(&keys::passkey_guard(&passkey.id), is_own).await?;
    }
    if let Some(google) = &user.google {
        let guard = keys::google_guard(&google.issuer, &google.subject);
        ctx.table.delete_if(&guard, is_own).await?;
    }
    Ok(())
}

async fn erase_codes(ctx: &Context, email: &EmailAddress, is_own: &Condition) -> Attempt<()> {
    for purpose in [CodePurpose::VerifyEmail, CodePurpose::ResetPassword] {
        ctx.table.delete_if(&CodeKey::for_address(purpose, email).key(), is_own).await?;
    }
    Ok(())
}

/// Deletes the reminders that the account's tokens expire.
async fn erase_reminders(ctx: &Context, user: &User) -> Attempt<()> {
    let pk = &user.key().pk;
    let tokens = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::TOKENS) };
    let tokens: Vec<Token> = ctx.table.query_all(&tokens).await?;
    let reminders = |token: &Token| reminder_keys(&token.holder, token.number, token.expires_at);
    Ok(ctx.table.delete_all(tokens.iter().flat_map(reminders).collect()).await?)
}

/// Deletes the account, the guard of its address, and the erasure in one transaction, so that a later run
/// finds either all of them or nothing.
async fn end(ctx: &Context, erasure: &Erasure, user: &User) -> Attempt<()> {
    let guard_key = keys::email_guard(&user.email);
    let guard: Option<EmailGuard> = ctx.table.get(&guard_key).await?;
    let mut tx = ctx.table.transaction();
    let unchanged = Condition::equal("version", user.version)?;
    tx.delete(&user.key(), Some(unchanged), AttemptError::Conflict)?;
    if guard.is_some_and(|guard| guard.user_id == user.id) {
        let is_own = Condition::equal("user_id", &user.id)?;
        tx.delete(&guard_key, Some(is_own), AttemptError::Conflict)?;
    }
    tx.delete(&erasure.key(), None, AttemptError::Conflict)?;
    tx.commit(Log::Nothing("the log is erased with the account")).await
}
