//! What a person's clients are to them: what hangs on the person, and what doesn't.

use futures_util::{TryStreamExt, stream};

use super::{ListedOrganization, Member, Organization};
use crate::context::Context;
use crate::dynamo::{Range, Which, keys};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};

/// Clients that are looked at side by side.
const READ_CONCURRENCY: usize = 16;

/// A person's place in a client.
#[derive(Clone, Debug)]
pub(crate) enum Membership {
    /// Owner, and nobody else belongs to it. It may be deleted already, where erasing it was stopped.
    SoleOwner(Organization),
    /// Owner, and others belong to it.
    OwnerWithMembers(Organization),
    /// It is somebody else's.
    Member(OrganizationId),
    /// It is listed and doesn't exist any more: what is left of it is being swept.
    Deleted(OrganizationId),
}

/// A person's places in all their clients. Two reads for each, however many members it has.
pub(crate) async fn list_memberships(ctx: &Context, user: &UserId) -> Result<Vec<Membership>> {
    let pk = &keys::user(user).pk;
    let range = Range { pk, which: Which::StartingWith(keys::LISTED_CLIENTS) };
    let listed: Vec<ListedOrganization> = ctx.table.all(&range).await?;
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
    // Two are enough to find one who isn't the owner.
    let members = Range { pk: &key.pk, which: Which::StartingWith(keys::MEMBERS) };
    let (organization, members) = tokio::try_join!(
        ctx.table.get::<Organization>(&key),
        ctx.table.first::<Member>(&members, 2)
    )?;
    let Some(organization) = organization else {
        return Ok(Membership::Deleted(id));
    };
    // The rows may be of an earlier moment than the client, and the number is of the same.
    let has_others =
        organization.members > 1 || members.items.iter().any(|member| member.user_id != *user);
    Ok(match (organization.owner_id == *user, organization.exists()) {
        (true, true) if has_others => Membership::OwnerWithMembers(organization),
        // Whoever deletes a client doesn't have it listed any more: this is the erasure's own doing.
        (true, _) => Membership::SoleOwner(organization),
        (false, true) => Membership::Member(id),
        (false, false) => Membership::Deleted(id),
    })
}
