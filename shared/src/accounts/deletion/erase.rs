//! Erasing an account: what is stored about a person is deleted.
//!
//! What names other items goes after them, and the account last, so that a run that was stopped
//! anywhere is made up for by the next. `docs/SECURITY.md` says what stays.

use futures_util::{TryStreamExt, stream};

use super::erase_memberships::erase_memberships;
use super::{Deletion, Erasure};
use crate::accounts::email_change::former_addresses;
use crate::accounts::{EmailGuard, User};
use crate::activity::{AuditScope, Log};
use crate::clock::Timestamp;
use crate::codes::Slot;
use crate::context::Context;
use crate::dynamo::{Chunk, Condition, Range, Record, SortKeyCondition, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::stripe::Stripe;
use crate::values::{CodePurpose, EmailAddress};

/// Partitions that are emptied side by side for one account.
const AT_ONCE: usize = 4;

/// Most accounts that one run is told of.
const MOST_DUE: usize = 1_000;

/// Whether there was something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing of the account is left.
    Erased,
    /// It was restored, isn't due yet, or is erased already.
    NotDue,
}

/// The accounts that are due, the longest first: no more than one run can do.
pub async fn due(ctx: &Context) -> Result<Chunk<Erasure>> {
    let end = keys::due_after(ctx.now());
    let range = Range { pk: keys::ERASURES, sort_keys: SortKeyCondition::Before(&end) };
    ctx.table.first(&range, MOST_DUE).await
}

/// Erases an account that is due. Can be called again whenever it failed, and by several at once.
pub async fn erase(ctx: &Context, stripe: &Stripe, erasure: &Erasure) -> Result<Outcome> {
    retry_conflicts(ctx, || attempt(ctx, stripe, erasure)).await
}

async fn attempt(ctx: &Context, stripe: &Stripe, erasure: &Erasure) -> Result<Outcome> {
    let Some(user) = begin(ctx, erasure).await? else { return Ok(Outcome::NotDue) };
    erase_memberships(ctx, stripe, &user).await?;
    erase_addresses(ctx, &user).await?;
    // Sessions go before the log: signing one out, which is logged, is refused from here on.
    let account = user.key();
    ctx.table.empty(&account.pk, Some(&account.sk)).await?;
    erase_log(ctx, &AuditScope::User(user.id.clone()), user.created_at).await?;
    end(ctx, erasure, &user).await?;
    Ok(Outcome::Erased)
}

/// Notes that erasing has begun: whoever is in the middle of changing the account loses, and nobody
/// can have it back. `None` where there is nothing to erase.
async fn begin(ctx: &Context, erasure: &Erasure) -> Result<Option<User>> {
    if ctx.now() < erasure.due_at {
        return Ok(None);
    }
    let user: Option<User> = ctx.table.get(&keys::user(&erasure.user_id)).await?;
    let deletion = user.as_ref().and_then(|user| user.deletion.as_ref());
    let (Some(user), Some(deletion)) =
        (&user, deletion.filter(|deletion| deletion.due_at == erasure.due_at))
    else {
        // Of an account that was restored, made due at another moment, or erased since this was read.
        ctx.table.delete(&erasure.key()).await?;
        return Ok(None);
    };
    if deletion.erasing {
        return Ok(Some(user.clone()));
    }
    let mark = Update::new(user.key())
        .set("deletion", Deletion { erasing: true, ..deletion.clone() })?
        .add("session_generation", 1)
        .add("version", 1)
        .only_if(Condition::equal("version", user.version)?);
    ctx.table.update(mark).await?.ok_or(Error::Conflict).map(Some)
}

/// A log as a whole: its entries may be older than what is shown, where DynamoDB is late.
pub(super) async fn erase_log(ctx: &Context, scope: &AuditScope, since: Timestamp) -> Result<()> {
    let months = ctx.now().months_back_to(since).into_iter();
    let months = months.map(|month| keys::activity_month(&scope.to_string(), &month));
    let months = months.map(|pk| Ok(async move { ctx.table.empty(&pk, None).await }));
    stream::iter(months).try_buffer_unordered(AT_ONCE).try_collect().await
}

/// Codes, the addresses from before, and what connects an account at Google. An address may be
/// somebody else's by now: only what is this account's goes.
async fn erase_addresses(ctx: &Context, user: &User) -> Result<()> {
    let mine = &Condition::equal("user_id", &user.id)?;
    let former = former_addresses(ctx, user).await?;
    let former: Vec<_> = former.into_iter().map(|former| former.email).collect();
    for email in former.iter().chain([&user.email]) {
        erase_codes(ctx, email, mine).await?;
    }
    for email in former.iter().filter(|email| **email != user.email) {
        ctx.table.delete_if(&keys::email(email), mine).await?;
    }
    ctx.table.delete(&Slot::of_user(CodePurpose::ChangeEmail, &user.id).key()).await?;
    if let Some(google) = &user.google {
        let guard = keys::google(&google.issuer, &google.subject);
        ctx.table.delete_if(&guard, mine).await?;
    }
    Ok(())
}

async fn erase_codes(ctx: &Context, email: &EmailAddress, mine: &Condition) -> Result<()> {
    for purpose in [CodePurpose::VerifyEmail, CodePurpose::ResetPassword] {
        ctx.table.delete_if(&Slot::of_address(purpose, email).key(), mine).await?;
    }
    Ok(())
}

/// The account, its hold on the address, and the note that it was to be erased: as a whole, so that
/// either all is known that the next run needs, or nothing is left for it.
async fn end(ctx: &Context, erasure: &Erasure, user: &User) -> Result<()> {
    let guard_key = keys::email(&user.email);
    let guard: Option<EmailGuard> = ctx.table.get(&guard_key).await?;
    let mut tx = ctx.table.transaction();
    let unchanged = Condition::equal("version", user.version)?;
    tx.delete(&user.key(), Some(unchanged), Error::Conflict)?;
    if guard.is_some_and(|guard| guard.user_id == user.id) {
        let mine = Condition::equal("user_id", &user.id)?;
        tx.delete(&guard_key, Some(mine), Error::Conflict)?;
    }
    tx.delete(&erasure.key(), None, Error::Conflict)?;
    tx.commit(Log::Nothing("the log is erased with the account")).await
}
