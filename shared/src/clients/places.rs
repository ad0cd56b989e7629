//! What a person's clients are to them: what hangs on the person, and what doesn't.

use futures_util::{TryStreamExt, stream};

use super::{Client, ListedClient, Member};
use crate::context::Context;
use crate::dynamo::{Range, Which, keys};
use crate::error::Result;
use crate::ids::{ClientId, UserId};

/// Clients that are looked at side by side.
const AT_ONCE: usize = 16;

/// A person's place in a client.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Owner, and nobody else belongs to it.
    OwnerAlone(Client),
    /// Owner, and others belong to it.
    OwnerOfOthers(Client),
    /// It is somebody else's.
    Guest(ClientId),
    /// It is listed and doesn't exist any more: what is left of it is being swept.
    Gone,
}

/// A person's places in all their clients. Two reads for each, however many members it has.
pub(crate) async fn places(ctx: &Context, user: &UserId) -> Result<Vec<Place>> {
    let pk = &keys::user(user).pk;
    let range = Range { pk, which: Which::StartingWith(keys::LISTED_CLIENTS) };
    let listed: Vec<ListedClient> = ctx.table.all(&range).await?;
    let places = listed.into_iter().map(|entry| Ok(place(ctx, user, entry.client_id)));
    stream::iter(places).try_buffered(AT_ONCE).try_collect().await
}

async fn place(ctx: &Context, user: &UserId, id: ClientId) -> Result<Place> {
    let key = keys::client(&id);
    // Two are enough to find one who isn't the owner.
    let members = Range { pk: &key.pk, which: Which::StartingWith(keys::MEMBERS) };
    let (client, members) =
        tokio::try_join!(ctx.table.get::<Client>(&key), ctx.table.first::<Member>(&members, 2))?;
    let Some(client) = client.filter(Client::exists) else {
        return Ok(Place::Gone);
    };
    let has_others = members.items.iter().any(|member| member.user_id != *user);
    Ok(match (client.owner_id == *user, has_others) {
        (false, _) => Place::Guest(id),
        (true, true) => Place::OwnerOfOthers(client),
        (true, false) => Place::OwnerAlone(client),
    })
}
