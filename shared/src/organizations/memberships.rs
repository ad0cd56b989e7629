//! Classifies a user's memberships: sole owner, owner with other members, member, deleted.

use futures_util::{TryStreamExt, stream};

use super::{ListedOrganization, Member, Organization};
use crate::context::Context;
use crate::dynamo::{Range, SortKeyCondition};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;

/// Number of organizations that are read concurrently.
const READ_CONCURRENCY: usize = 16;

/// A user's relation to one organization in their list.
#[derive(Clone, Debug)]
pub(crate) enum Membership {
    /// The user is the owner and the only member, or the owner of a deleted organization, which stays in
    /// their list until the worker begins to delete its rows.
    SoleOwner(Organization),
    /// The user is the owner, and there are other members.
    OwnerWithMembers(Organization),
    /// Another user owns the organization.
    Member(OrganizationId),
    /// Another user's organization that is deleted. It can be restored, or the worker is removing its rows.
    Deleted(OrganizationId),
}

/// Classifies all memberships of a user. Takes two reads per organization, regardless of its number
/// of members.
pub(crate) async fn list_memberships(ctx: &Context, user: &UserId) -> Result<Vec<Membership>> {
    let pk = &keys::user(user).pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::LISTED_ORGANIZATIONS) };
    let listed: Vec<ListedOrganization> = ctx.table.query_all(&range).await?;
    let memberships =
        listed.into_iter().map(|entry| Ok(classify_membership(ctx, user, entry.client_id)));
    stream::iter(memberships).try_buffered(READ_CONCURRENCY).try_collect().await
}

async fn classify_membership(
    ctx: &Context,
    user: &UserId,
    id: OrganizationId,
) -> Result<Membership> {
    let key = keys::organization(&id);
    // Two members are enough to find one who is not the owner.
    let members = Range { pk: &key.pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let (organization, members) = tokio::try_join!(
        ctx.table.get::<Organization>(&key),
        ctx.table.query_first::<Member>(&members, 2)
    )?;
    let Some(organization) = organization else {
        return Ok(Membership::Deleted(id));
    };
    // The member rows may be older than the organization, whose own count is exact.
    let has_others =
        organization.members > 1 || members.items.iter().any(|member| member.user_id != *user);
    Ok(match (organization.owner_id == *user, organization.exists()) {
        (true, true) if has_others => Membership::OwnerWithMembers(organization),
        (true, _) => Membership::SoleOwner(organization),
        (false, true) => Membership::Member(id),
        (false, false) => Membership::Deleted(id),
    })
}
