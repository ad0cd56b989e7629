//! Classifies a user's memberships: sole owner, owner with other members, member, deleted.

use futures_util::{TryStreamExt, stream};

use super::{ListedOrganization, Member, Organization};
use crate::context::Context;
use crate::dynamo::{Range, SortKeyCondition};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;

/// Number of organizations that are read concurrently.
const AT_ONCE: usize = 16;

/// A user's relation to one organization in their list.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The user is the owner and the only member. The organization may be deleted already, if an
    /// earlier erasure of the account stopped halfway.
    OwnerAlone(Organization),
    /// The user is the owner, and there are other members.
    OwnerOfOthers(Organization),
    /// Another user owns the organization.
    Guest(OrganizationId),
    /// The organization is deleted, and the worker is still removing its rows.
    Gone(OrganizationId),
}

/// Classifies all memberships of a user. Takes two reads per organization, regardless of its number
/// of members.
pub(crate) async fn places(ctx: &Context, user: &UserId) -> Result<Vec<Place>> {
    let pk = &keys::user(user).pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::LISTED_CLIENTS) };
    let listed: Vec<ListedOrganization> = ctx.table.all(&range).await?;
    let places = listed.into_iter().map(|entry| Ok(place(ctx, user, entry.client_id)));
    stream::iter(places).try_buffered(AT_ONCE).try_collect().await
}

async fn place(ctx: &Context, user: &UserId, id: OrganizationId) -> Result<Place> {
    let key = keys::organization(&id);
    // Two members are enough to find one who is not the owner.
    let members = Range { pk: &key.pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let (organization, members) = tokio::try_join!(
        ctx.table.get::<Organization>(&key),
        ctx.table.first::<Member>(&members, 2)
    )?;
    let Some(organization) = organization else {
        return Ok(Place::Gone(id));
    };
    // The member rows may be older than the organization, whose own count is exact.
    let has_others =
        organization.members > 1 || members.items.iter().any(|member| member.user_id != *user);
    Ok(match (organization.owner_id == *user, organization.exists()) {
        (true, true) if has_others => Place::OwnerOfOthers(organization),
        // An ordinary deletion removes the owner's listing, so a listed one was deleted by the
        // account's erasure.
        (true, _) => Place::OwnerAlone(organization),
        (false, true) => Place::Guest(id),
        (false, false) => Place::Gone(id),
    })
}
