//! The keys of all of a person's organizations.

use super::ListedKey;
use crate::context::Context;
use crate::credentials::{Credential, identify};
use crate::dynamo::{
    BatchResult, Environment, Key, Page, PageRequest, Range, SortKeyCondition, open_cursor,
    seal_cursor,
};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::organizations::rights::Right;
use crate::organizations::{ListedOrganization, Member, Organization};
use crate::requester::Requester;
use crate::tokens::Token;
use crate::values::TokenHolder;

/// A key's place in the list.
struct Position<'c> {
    organization: &'c Organization,
    number: u32,
}

impl Position<'_> {
    fn key(&self) -> Key {
        keys::token(&TokenHolder::Organization(self.organization.id.clone()), self.number)
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
    let cipher = ctx.cursor_cipher().await;
    let place = format!("cursor {} keys of all clients", keys::user(&user).pk);
    let after = match open_cursor(&cipher, &place, page)? {
        Some((organization, number)) => Some(position(&organization, &number)?),
        None => None,
    };
    let clients = clients(ctx, listed?, after.as_ref()).await?;
    let limit = usize::from(page.limit);
    // One more than the page holds tells whether there is a next.
    let mut positions: Vec<_> = positions(&clients, after.as_ref()).take(limit + 1).collect();
    let has_next = positions.len() > limit;
    positions.truncate(limit);
    let next_cursor = match positions.last().filter(|_| has_next) {
        Some(Position { organization, number }) => {
            let ended_at = (organization.id.as_str(), number.to_string());
            Some(seal_cursor(&cipher, &place, (ended_at.0, &ended_at.1))?)
        }
        None => None,
    };
    let data = shown(ctx, &user, &positions).await?;
    Ok(Page { data, next_cursor })
}

/// What a cursor says: the client, and the number of its key, after which the page begins.
fn position(organization_id: &str, number: &str) -> Result<(OrganizationId, u32)> {
    let both = organization_id.parse().ok().zip(number.parse().ok());
    both.ok_or(Error::InvalidCursor)
}

/// Everywhere where the person belongs.
async fn listed(ctx: &Context, credential: &Credential) -> Result<Vec<ListedOrganization>> {
    let Some(user) = credential.user() else {
        return Ok(Vec::new());
    };
    let pk = &keys::user(user).pk;
    ctx.table.all(&Range { pk, sort_keys: SortKeyCondition::Prefix(keys::LISTED_CLIENTS) }).await
}

/// Those clients that exist, have keys to be managed by the person, and aren't before the page; in the
/// list's order.
async fn clients(
    ctx: &Context,
    listed: Vec<ListedOrganization>,
    after: Option<&(OrganizationId, u32)>,
) -> Result<Vec<Organization>> {
    let mut ids: Vec<_> = listed
        .into_iter()
        .filter(|entry| entry.role.may(Right::ManageKeys))
        .map(|entry| entry.client_id)
        .filter(|id| after.is_none_or(|(organization, _)| id >= organization))
        .collect();
    ids.sort_unstable();
    let wanted: Vec<_> = ids.iter().map(keys::organization).collect();
    let mut found = ctx.table.batch_get_any(&wanted).await?;
    let mut clients = Vec::with_capacity(wanted.len());
    for key in &wanted {
        clients.extend(found.take::<Organization>(key)?.filter(Organization::exists));
    }
    Ok(clients)
}

/// The places of all their keys from the page's beginning on.
fn positions<'c>(
    clients: &'c [Organization],
    after: Option<&(OrganizationId, u32)>,
) -> impl Iterator<Item = Position<'c>> {
    clients.iter().flat_map(move |organization| {
        let here = after.filter(|(before, _)| *before == organization.id);
        let first = here.map_or(1, |(_, number)| number.saturating_add(1));
        (first..=organization.keys_made).map(move |number| Position { organization, number })
    })
}

/// The keys at these places. Rights hang on the rows of memberships, which are read with them.
async fn shown(ctx: &Context, user: &UserId, positions: &[Position<'_>]) -> Result<Vec<ListedKey>> {
    let mut wanted: Vec<_> =
        positions.iter().map(|at| keys::member(&at.organization.id, user)).collect();
    // They stand together, client by client.
    wanted.dedup();
    wanted.extend(positions.iter().map(Position::key));
    let found = ctx.table.batch_get_any(&wanted).await?;
    let mut shown = Vec::with_capacity(positions.len());
    for at in positions {
        if may_manage(&found, &at.organization.id, user)? {
            let key: Option<Token> = found.read(&at.key())?;
            shown.extend(key.map(|key| ListedKey::of(&key, at.organization)));
        }
    }
    Ok(shown)
}

fn may_manage(
    found: &BatchResult,
    organization_id: &OrganizationId,
    user: &UserId,
) -> Result<bool> {
    let member: Option<Member> = found.read(&keys::member(organization_id, user))?;
    Ok(member.is_some_and(|member| member.role.may(Right::ManageKeys)))
}
