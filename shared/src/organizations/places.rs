//! What a person's clients are to them: what hangs on the person, and what doesn't.

use futures_util::{TryStreamExt, stream};

use super::{ListedOrganization, Member, Organization};
use crate::context::Context;
use crate::dynamo::{Range, SortKeyCondition};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;

/// Clients that are looked at side by side.
const AT_ONCE: usize = 16;

/// A person's place in a client.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Owner, and nobody else belongs to it. It may be deleted already, where erasing it was stopped.
    OwnerAlone(Organization),
    /// Owner, and others belong to it.
    OwnerOfOthers(Organization),
    /// It is somebody else's.
    Guest(OrganizationId),
    /// It is listed and doesn't exist any more: what is left of it is being swept.
    Gone(OrganizationId),
}

/// A person's places in all their clients. Two reads for each, however many members it has.
pub(crate) async fn places(ctx: &Context, user: &UserId) -> Result<Vec<Place>> {
    let pk = &keys::user(user).pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::LISTED_CLIENTS) };
    let listed: Vec<ListedOrganization> = ctx.table.all(&range).await?;
    let places = listed.into_iter().map(|entry| Ok(place(ctx, user, entry.client_id)));
    stream::iter(places).try_buffered(AT_ONCE).try_collect().await
}

async fn place(ctx: &Context, user: &UserId, id: OrganizationId) -> Result<Place> {
    let key = keys::organization(&id);
    // Two are enough to find one who isn't the owner.
    let members = Range { pk: &key.pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let (organization, members) = tokio::try_join!(
        ctx.table.get::<Organization>(&key),
        ctx.table.first::<Member>(&members, 2)
    )?;
    let Some(organization) = organization else {
        return Ok(Place::Gone(id));
    };
    // The rows may be of an earlier moment than the client, and the number is of the same.
    let has_others =
        organization.members > 1 || members.items.iter().any(|member| member.user_id != *user);
    Ok(match (organization.owner_id == *user, organization.exists()) {
        (true, true) if has_others => Place::OwnerOfOthers(organization),
        // Whoever deletes a client doesn't have it listed any more: this is the erasure's own doing.
        (true, _) => Place::OwnerAlone(organization),
        (false, true) => Place::Guest(id),
        (false, false) => Place::Gone(id),
    })
}
