//! Ends the API keys of a user's organizations.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Membership, Organization, list_memberships};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Update, retry_conflicts};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;

/// Number of organizations that are changed concurrently.
const UPDATE_CONCURRENCY: usize = 16;

/// Ends the API keys of all organizations that a user owns, unless they were ended at `at` or later. It is
/// idempotent: keys that are made after the first call stay.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table does not respond. Some organizations may
///   be done by then.
pub async fn end_owned_keys(ctx: &Context, user: &UserId, at: Timestamp) -> Result<()> {
    let memberships = list_memberships(ctx, user).await?;
    let owned = memberships.into_iter().filter_map(|membership| match membership {
        Membership::SoleOwner(organization) | Membership::OwnerWithMembers(organization) => {
            Some(organization).filter(Organization::exists)
        }
        Membership::Member(_) | Membership::Deleted(_) => None,
    });
    stream::iter(owned)
        .map(Ok)
        .try_for_each_concurrent(UPDATE_CONCURRENCY, |organization| end_keys(ctx, organization, at))
        .await
}

async fn end_keys(ctx: &Context, organization: Organization, at: Timestamp) -> Result<()> {
    let never_or_before = Condition::Any(vec![
        Condition::Missing("keys_ended_at"),
        Condition::less("keys_ended_at", at)?,
    ]);
    let end = Update::new(keys::organization(&organization.id))
        .set("keys_ended_at", at)?
        .add("keys_generation", 1)
        .add("version", 1)
        .only_if(Condition::All(vec![Condition::Exists, never_or_before]));
    retry_conflicts(ctx, || ctx.table.update::<Organization>(end.clone())).await.map(drop)
}
