//! Refuses the API keys of organizations whose owner is deleting their account.
//!
//! An organization has a copy of the time at which its owner requested the deletion, because authenticating a
//! key reads the organization and not its owner. The request writes the copy, and a job brings it up to date
//! wherever the request could not, and after the account is restored.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Membership, Organization, list_memberships};
use crate::accounts::User;
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Tx, Update, retry_conflicts};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;

/// Maximum number of organizations that the deletion of an account marks in its own transaction, which DynamoDB
/// limits to 100 items. The job marks the others.
pub const MARK_BATCH_SIZE: usize = 50;

/// Number of organizations that the job changes concurrently.
const UPDATE_CONCURRENCY: usize = 16;

/// Marks organizations of a user, who requests the deletion of their account at `now`, in `tx`: the first
/// [`MARK_BATCH_SIZE`].
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if one of them was deleted or transferred since it was read.
pub(crate) fn mark_owner_deleted(
    tx: &mut Tx<'_>,
    user: &UserId,
    organizations: &[OrganizationId],
    now: Timestamp,
) -> Result<()> {
    let is_owned =
        Condition::All(vec![Condition::equal("owner_id", user)?, Condition::Missing("deleted_at")]);
    for id in organizations.iter().take(MARK_BATCH_SIZE) {
        let mark = Update::new(keys::organization(id)).set("owner_deleted_at", now)?;
        let mark = mark.add("version", 1).only_if(is_owned.clone());
        tx.update(mark, AttemptError::Conflict)?;
    }
    Ok(())
}

/// Brings the marks of all organizations that a user owns up to date with the user's account. It is idempotent
/// and safe to run concurrently, also with a deletion or a restoration of the account.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table does not respond. Some organizations
///   may be done by then.
pub async fn sync_owner_deletion(ctx: &Context, user: &UserId) -> Result<()> {
    let memberships = list_memberships(ctx, user).await?;
    let owned = memberships.into_iter().filter_map(|membership| match membership {
        Membership::SoleOwner(organization) | Membership::OwnerWithMembers(organization) => {
            Some(organization.id)
        }
        Membership::Member(_) | Membership::Deleted(_) => None,
    });
    stream::iter(owned)
        .map(Ok)
        .try_for_each_concurrent(UPDATE_CONCURRENCY, |id| async move {
            retry_conflicts(ctx, || sync_mark(ctx, user, &id)).await
        })
        .await
}

async fn sync_mark(ctx: &Context, user: &UserId, id: &OrganizationId) -> Attempt<()> {
    let (user_key, organization_key) = (keys::user(user), keys::organization(id));
    let found = ctx.table.batch_get(&[user_key.clone(), organization_key.clone()]).await?;
    let user: Option<User> = found.read(&user_key)?;
    let organization: Option<Organization> = found.read(&organization_key)?;
    // A deleted organization may be restored after the account.
    let Some((user, organization)) = user.zip(organization) else {
        return Ok(());
    };
    let deleted_at = user.deletion.as_ref().map(|deletion| deletion.requested_at);
    if organization.owner_id != user.id || organization.owner_deleted_at == deleted_at {
        return Ok(());
    }
    let mut tx = ctx.table.transaction();
    // Another deletion or restoration in between would make this mark wrong.
    user.check_unchanged(&mut tx)?;
    Organization { owner_deleted_at: deleted_at, ..organization }.store(&mut tx)?;
    tx.commit(Log::Nothing("the deletion or restoration of the account is logged")).await
}
