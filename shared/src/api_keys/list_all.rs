//! Lists the API keys of all organizations in which the caller may manage them.

use super::ListedKey;
use crate::context::Context;
use crate::credentials::{Caller, Credential, authenticate};
use crate::dynamo::page::{Page, PageRequest, open_pair, seal_pair};
use crate::dynamo::{Found, Key, Range, Which, keys};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::organizations::rights::Right;
use crate::organizations::{ListedOrganization, Member, Organization};
use crate::tokens::{Holder, Token};

/// The position of an API key in the list.
struct Position<'c> {
    organization: &'c Organization,
    number: u32,
}

impl Position<'_> {
    fn key(&self) -> Key {
        keys::token(&Holder::Organization(self.organization.id.clone()), self.number)
    }
}

/// Lists the API keys of all organizations in which the caller may manage them, including revoked
/// ones. They are ordered by organization id, then by creation.
///
/// Takes three round trips, regardless of the number of organizations. An organization counts its
/// keys, and keys are never deleted, so the keys of a page are known before they are read. A page
/// is shorter if the caller has just lost the right to see some.
///
/// # Errors
///
/// * [`Error::SessionRequired`] if the caller has no session.
/// * [`Error::InvalidCursor`] if the cursor is not from this list.
pub async fn list_all(
    ctx: &Context,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<ListedKey>> {
    let (identified, listed) =
        tokio::join!(authenticate(ctx, caller, &[]), listed(ctx, &caller.credential));
    let user = identified?.0.into_session()?.user.id;
    let keyring = ctx.secrets.keyring().await;
    let place = format!("cursor {} keys of all clients", keys::user(&user).pk);
    let after = match open_pair(&keyring, &place, page)? {
        Some((organization, number)) => Some(position(&organization, &number)?),
        None => None,
    };
    let clients = clients(ctx, listed?, after.as_ref()).await?;
    let limit = usize::from(page.limit);
    // One position more than the page holds shows whether there is a next page.
    let mut positions: Vec<_> = positions(&clients, after.as_ref()).take(limit + 1).collect();
    let has_next = positions.len() > limit;
    positions.truncate(limit);
    let next_cursor = match positions.last().filter(|_| has_next) {
        Some(Position { organization, number }) => {
            let ended_at = (organization.id.as_str(), number.to_string());
            Some(seal_pair(ctx, &keyring, &place, (ended_at.0, &ended_at.1))?)
        }
        None => None,
    };
    let data = shown(ctx, &user, &positions).await?;
    Ok(Page { data, next_cursor })
}

/// Parses a cursor: the organization and the number of the last key on the previous page.
fn position(organization_id: &str, number: &str) -> Result<(OrganizationId, u32)> {
    let both = organization_id.parse().ok().zip(number.parse().ok());
    both.ok_or(Error::InvalidCursor)
}

/// Reads all memberships of the caller.
async fn listed(ctx: &Context, credential: &Credential) -> Result<Vec<ListedOrganization>> {
    let Some(user) = credential.user() else {
        return Ok(Vec::new());
    };
    let pk = &keys::user(user).pk;
    ctx.table.all(&Range { pk, which: Which::StartingWith(keys::LISTED_CLIENTS) }).await
}

/// Loads the organizations whose keys belong on this page or later ones, in the order of the list.
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

/// Iterates over the positions of their keys, starting after the previous page.
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

/// Loads the keys at these positions. The membership rows, which decide about the right to see
/// them, are read with them.
async fn shown(ctx: &Context, user: &UserId, positions: &[Position<'_>]) -> Result<Vec<ListedKey>> {
    let mut wanted: Vec<_> =
        positions.iter().map(|at| keys::member(&at.organization.id, user)).collect();
    // Equal keys are adjacent, because positions are ordered by organization.
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

fn may_manage(found: &Found, organization_id: &OrganizationId, user: &UserId) -> Result<bool> {
    let member: Option<Member> = found.read(&keys::member(organization_id, user))?;
    Ok(member.is_some_and(|member| member.role.may(Right::ManageKeys)))
}
