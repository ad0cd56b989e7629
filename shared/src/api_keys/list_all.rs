//! The keys of all of a person's organizations.

use super::ListedKey;
use crate::clients::rights::Right;
use crate::clients::{Client, ListedClient, Member};
use crate::context::Context;
use crate::credentials::{Credential, identify};
use crate::dynamo::page::{Page, PageRequest, open_pair, seal_pair};
use crate::dynamo::{Found, Key, Range, Which, keys};
use crate::error::{Error, Result};
use crate::ids::{ClientId, UserId};
use crate::requester::Requester;
use crate::tokens::{Holder, Token};

/// A key's place in the list.
struct Position<'c> {
    client: &'c Client,
    number: u32,
}

impl Position<'_> {
    fn key(&self) -> Key {
        keys::token(&Holder::Client(self.client.id.clone()), self.number)
    }
}

/// A page of the keys of all clients in which the caller may manage them: by the client's id, then in the
/// order in which they were made; revoked ones are among them.
///
/// Three round trips, however many clients there are: a client says how many keys it has made, and keys
/// stay, so that which ones make up a page is known before any of them is read. A page has fewer than it
/// could where the caller has just lost the right to see them.
pub async fn list_all(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    page: &PageRequest,
) -> Result<Page<ListedKey>> {
    let (identified, listed) =
        tokio::join!(identify(ctx, requester, credential, &[]), listed(ctx, credential));
    let user = identified?.0.into_session()?.user.id;
    let keyring = ctx.secrets.keyring().await;
    let place = format!("cursor {} keys of all clients", keys::user(&user).pk);
    let after = match open_pair(&keyring, &place, page)? {
        Some((client, number)) => Some(position(&client, &number)?),
        None => None,
    };
    let clients = clients(ctx, listed?, after.as_ref()).await?;
    let limit = usize::from(page.limit);
    // One more than the page holds tells whether there is a next.
    let mut positions: Vec<_> = positions(&clients, after.as_ref()).take(limit + 1).collect();
    let has_next = positions.len() > limit;
    positions.truncate(limit);
    let next_cursor = match positions.last().filter(|_| has_next) {
        Some(Position { client, number }) => {
            let ended_at = (client.id.as_str(), number.to_string());
            Some(seal_pair(ctx, &keyring, &place, (ended_at.0, &ended_at.1))?)
        }
        None => None,
    };
    let data = shown(ctx, &user, &positions).await?;
    Ok(Page { data, next_cursor })
}

/// What a cursor says: the client, and the number of its key, after which the page begins.
fn position(client: &str, number: &str) -> Result<(ClientId, u32)> {
    let both = client.parse().ok().zip(number.parse().ok());
    both.ok_or(Error::InvalidCursor)
}

/// Everywhere where the person belongs.
async fn listed(ctx: &Context, credential: &Credential) -> Result<Vec<ListedClient>> {
    let Some(user) = credential.user() else {
        return Ok(Vec::new());
    };
    let pk = &keys::user(user).pk;
    ctx.table.all(&Range { pk, which: Which::StartingWith(keys::LISTED_CLIENTS) }).await
}

/// Those clients that exist, have keys to be managed by the person, and aren't before the page; in the
/// list's order.
async fn clients(
    ctx: &Context,
    listed: Vec<ListedClient>,
    after: Option<&(ClientId, u32)>,
) -> Result<Vec<Client>> {
    let mut ids: Vec<_> = listed
        .into_iter()
        .filter(|entry| entry.role.may(Right::ManageKeys))
        .map(|entry| entry.client_id)
        .filter(|id| after.is_none_or(|(client, _)| id >= client))
        .collect();
    ids.sort_unstable();
    let wanted: Vec<_> = ids.iter().map(keys::client).collect();
    let mut found = ctx.table.batch_get_any(&wanted).await?;
    let mut clients = Vec::with_capacity(wanted.len());
    for key in &wanted {
        clients.extend(found.take::<Client>(key)?.filter(Client::exists));
    }
    Ok(clients)
}

/// The places of all their keys from the page's beginning on.
fn positions<'c>(
    clients: &'c [Client],
    after: Option<&(ClientId, u32)>,
) -> impl Iterator<Item = Position<'c>> {
    clients.iter().flat_map(move |client| {
        let here = after.filter(|(before, _)| *before == client.id);
        let first = here.map_or(1, |(_, number)| number.saturating_add(1));
        (first..=client.keys_made).map(move |number| Position { client, number })
    })
}

/// The keys at these places. Rights hang on the rows of memberships, which are read with them.
async fn shown(ctx: &Context, user: &UserId, positions: &[Position<'_>]) -> Result<Vec<ListedKey>> {
    let mut wanted: Vec<_> = positions.iter().map(|at| keys::member(&at.client.id, user)).collect();
    // They stand together, client by client.
    wanted.dedup();
    wanted.extend(positions.iter().map(Position::key));
    let found = ctx.table.batch_get_any(&wanted).await?;
    let mut shown = Vec::with_capacity(positions.len());
    for at in positions {
        if may_manage(&found, &at.client.id, user)? {
            let key: Option<Token> = found.read(&at.key())?;
            shown.extend(key.map(|key| ListedKey::of(&key, at.client)));
        }
    }
    Ok(shown)
}

fn may_manage(found: &Found, client: &ClientId, user: &UserId) -> Result<bool> {
    let member: Option<Member> = found.read(&keys::member(client, user))?;
    Ok(member.is_some_and(|member| member.role.may(Right::ManageKeys)))
}
