//! Erases an account at once, when its owner has asked support for that.

use super::request::list_unshared_organizations;
use super::{Deletion, Erasure};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::jobs::Job;
use crate::keys;
use crate::organizations::mark_owner_deleted;
use crate::support_case::SupportCase;
use crate::values::EmailAddress;

/// Ends all access to an account and has the worker erase it at once, with the organizations that only its owner
/// belongs to. The API keys of these organizations are refused from now on. It cannot be undone. `confirm` is the
/// account's address. Repeating it does nothing new.
///
/// # Errors
/// - `NotFound` if there is no such account.
/// - [`Error::InvalidField`] if `confirm` is not the account's address.
/// - [`Error::OwnsOrganizations`] if the user owns an organization that has other members.
/// - `Contention` if concurrent changes kept interfering.
pub async fn erase_now(
    ctx: &Context,
    id: &UserId,
    confirm: &EmailAddress,
    case: &SupportCase,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, id, confirm, case)).await
}

async fn attempt(
    ctx: &Context,
    id: &UserId,
    confirm: &EmailAddress,
    case: &SupportCase,
) -> Attempt<()> {
    // The user is read before the organizations: a new member of one of them changes its owner, so that the
    // transaction fails.
    let user: User = ctx.table.get(&keys::user(id)).await?.ok_or(Error::NotFound)?;
    if user.email != *confirm {
        return Err(Error::invalid_field("confirm", "must be the account's address").into());
    }
    let owned = list_unshared_organizations(ctx, id).await?;
    let now = ctx.now();
    if user.is_past_grace_period(now) {
        // An earlier call, or the daily run, has the worker erase it.
        return Ok(());
    }
    let mut tx = ctx.table.transaction();
    if let Some(deletion) = &user.deletion {
        let earlier = Erasure { user_id: id.clone(), due_at: deletion.due_at };
        tx.delete(&earlier.key(), None, AttemptError::Conflict)?;
    }
    let user = user.with_erasure_at(&mut tx, now)?;
    let user = User {
        deletion: Some(Deletion::scheduled_at(ctx, now)),
        session_generation: user.session_generation + 1,
        tokens: user.tokens.clone().revoke_all(now),
        ..user
    };
    user.store(&mut tx)?;
    mark_owner_deleted(&mut tx, id, &owned, now)?;
    Job::EraseAccounts { after: String::new() }.requeue(&mut tx)?;
    // For organizations beyond those, and for one that is created at this moment.
    Job::SyncOwnerDeletion { user_id: id.clone() }.requeue(&mut tx)?;
    let scope = AuditScope::User(id.clone());
    tx.commit(AuditEvent::for_support(ctx, &scope, case, Action::ErasureRequested)).await
}
