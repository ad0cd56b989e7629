//! Lists the API keys of all organizations in which the caller may manage them.

use super::ListedKey;
use super::creators::Creators;
use crate::accounts::User;
use crate::context::Context;
use crate::credentials::{Caller, Credential, authenticate};
use crate::dynamo::{
    BatchResult, Environment, Key, Page, PageRequest, Range, SortKeyCondition, open_cursor,
    seal_cursor,
};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::organizations::rights::Right;
use crate::organizations::{ListedOrganization, Member, Organization};
use crate::tokens::Token;
use crate::values::TokenHolder;

/// The position of an API key in the list.
struct KeyPosition<'o> {
    organization: &'o Organization,
    number: u32,
}

impl KeyPosition<'_> {
    fn key(&self) -> Key {
        keys::token(&TokenHolder::Organization(self.organization.id.clone()), self.number)
    }
}

/// Lists the API keys of all organizations in which the caller may manage them, including revoked
/// ones. They are ordered by organization id, then by creation.
///
/// Takes two round trips, because the organization created with the account is read together with the caller. Any
/// number of other organizations adds one, and another one reads who created the keys, unless the caller created all.
/// An organization counts its keys, and keys are never deleted, so the keys of a page are known before they are read.
/// A page is shorter if the caller has just lost the right to see some.
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
    let first = caller.credential.user().map(|user| keys::organization(&user.first_organization()));
    let (identified, listed) = tokio::join!(
        authenticate(ctx, caller, first.as_slice()),
        list_memberships(ctx, &caller.credential)
    );
    let (principal, found) = identified?;
    let user = principal.into_session()?.user;
    let cipher = ctx.cursor_cipher().await;
    let cursor_name = format!("cursor {} keys of all clients", keys::user(&user.id).pk);
    let after = match open_cursor(&cipher, &cursor_name, page)? {
        Some((organization, number)) => Some(parse_position(&organization, &number)?),
        None => None,
    };
    let organizations = load_organizations(ctx, &user, (listed?, found), after.as_ref()).await?;
    let limit = usize::from(page.limit);
    // One position more than the page holds shows whether there is a next page.
    let mut positions: Vec<_> =
        key_positions(&organizations, after.as_ref()).take(limit + 1).collect();
    let has_next = positions.len() > limit;
    positions.truncate(limit);
    let next_cursor = match positions.last().filter(|_| has_next) {
        Some(KeyPosition { organization, number }) => {
            let ended_at = (organization.id.as_str(), number.to_string());
            Some(seal_cursor(&cipher, &cursor_name, (ended_at.0, &ended_at.1))?)
        }
        None => None,
    };
    let data = load_visible_keys(ctx, &user, &positions).await?;
    Ok(Page { data, next_cursor })
}

/// Parses a cursor: the organization and the number of the last key on the previous page.
fn parse_position(organization_id: &str, number: &str) -> Result<(OrganizationId, u32)> {
    let both = organization_id.parse().ok().zip(number.parse().ok());
    both.ok_or(Error::InvalidCursor)
}

/// Reads all memberships of the caller.
async fn list_memberships(
    ctx: &Context,
    credential: &Credential,
) -> Result<Vec<ListedOrganization>> {
    let Some(user) = credential.user() else {
        return Ok(Vec::new());
    };
    let pk = &keys::user(user).pk;
    ctx.table
        .query_all(&Range { pk, sort_keys: SortKeyCondition::Prefix(keys::LISTED_ORGANIZATIONS) })
        .await
}

/// Loads the organizations whose keys belong on this page or later ones, in the order of the list.
/// Those that were found already are not read again.
async fn load_organizations(
    ctx: &Context,
    user: &User,
    (listed, mut found): (Vec<ListedOrganization>, BatchResult),
    after: Option<&(OrganizationId, u32)>,
) -> Result<Vec<Organization>> {
    let mut ids: Vec<_> = listed
        .into_iter()
        .filter(|entry| entry.role.has_right(Right::ManageKeys))
        .map(|entry| entry.client_id)
        .filter(|id| after.is_none_or(|(organization, _)| id >= organization))
        .collect();
    ids.sort_unstable();
    let wanted: Vec<_> = ids.iter().map(keys::organization).collect();
    ctx.table.batch_get_missing(&mut found, &wanted).await?;
    let is_open =
        |organization: &Organization| organization.exists() && organization.is_open_to(user);
    let mut organizations = Vec::with_capacity(wanted.len());
    for key in &wanted {
        organizations.extend(found.take::<Organization>(key)?.filter(is_open));
    }
    Ok(organizations)
}

/// Iterates over the positions of their keys, starting after the previous page.
fn key_positions<'o>(
    organizations: &'o [Organization],
    after: Option<&(OrganizationId, u32)>,
) -> impl Iterator<Item = KeyPosition<'o>> {
    organizations.iter().flat_map(move |organization| {
        let here = after.filter(|(before, _)| *before == organization.id);
        let first = here.map_or(1, |(_, number)| number.saturating_add(1));
        (first..=organization.keys_made).map(move |number| KeyPosition { organization, number })
    })
}

/// Loads the keys at these positions. The membership rows, which decide about the right to see
/// them, are read with them.
async fn load_visible_keys(
    ctx: &Context,
    user: &User,
    positions: &[KeyPosition<'_>],
) -> Result<Vec<ListedKey>> {
    let mut wanted: Vec<_> =
        positions.iter().map(|at| keys::member(&at.organization.id, &user.id)).collect();
    // Equal keys are adjacent, because positions are ordered by organization.
    wanted.dedup();
    wanted.extend(positions.iter().map(KeyPosition::key));
    let found = ctx.table.batch_get_any(&wanted).await?;
    let (mut visible, mut organizations) = (Vec::new(), Vec::new());
    for at in positions {
        if can_manage_keys(&found, &at.organization.id, &user.id)?
            && let Some(key) = found.read::<Token>(&at.key())?
        {
            visible.push(key);
            organizations.push(at.organization);
        }
    }
    let creators = Creators::load(ctx, Some(user), &visible).await?;
    let now = ctx.now();
    let listed = visible.iter().zip(organizations);
    Ok(listed.map(|(key, of)| ListedKey::new(key, of, &creators, now)).collect())
}

fn can_manage_keys(
    found: &BatchResult,
    organization_id: &OrganizationId,
    user: &UserId,
) -> Result<bool> {
    let member: Option<Member> = found.read(&keys::member(organization_id, user))?;
    Ok(member.is_some_and(|member| member.role.has_right(Right::ManageKeys)))
}
