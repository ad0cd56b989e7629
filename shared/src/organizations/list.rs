//! Lists the organizations of a user.

use serde::Serialize;
use utoipa::ToSchema;

use super::rights::Right;
use super::{ListedOrganization, Member, Organization, Role};
use crate::billing::Plan;
use crate::billing::ledger::Balance;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, Principal, authenticate};
use crate::credits::Credits;
use crate::dynamo::{BatchResult, Key, ListQuery, Page, PageRequest, query};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::tokens::Token;

/// An organization in its members' lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganizationSummary {
    /// The id of the organization, an opaque string.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The name of the organization.
    #[schema(example = "Acme Corp")]
    pub name: String,
    /// The role of the caller in the organization.
    pub role: Role,
    /// The plan of the organization, which sets its limits.
    pub plan: Plan,
    /// Whether it is the default organization of the caller's account.
    pub is_default: bool,
    /// Whether members without two-factor authentication have no access.
    pub require_two_factor: bool,
    /// The time at which the organization was created.
    pub created_at: Timestamp,
    /// Until when the deleted organization can be restored; null if it is not deleted.
    #[schema(required)]
    pub deletion_scheduled_at: Option<Timestamp>,
}

impl OrganizationSummary {
    fn new(organization: &Organization, role: Role, is_default: bool) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.to_string(),
            role,
            plan: organization.plan,
            is_default,
            require_two_factor: organization.require_two_factor,
            created_at: organization.created_at,
            deletion_scheduled_at: organization.deletion_due_at,
        }
    }
}

/// Lists the organizations that the caller is a member of: the default one first, then in the order
/// of joining. An API key, and a token that is limited to one organization, see that organization
/// only. With `deleted`, lists instead the deleted organizations that the caller owns and can restore.
///
/// Takes one round trip for a user whose only organization was created with the account: it is read together with the
/// caller and the list. Takes two for others: the second one reads the names and plans of all other organizations.
///
/// # Errors
///
/// * [`Error::InvalidToken`] if the only organization of a limited token is deleted.
/// * [`Error::NoAccess`] if the user has left that organization.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    deleted: bool,
    page: &PageRequest,
) -> Result<Page<OrganizationSummary>> {
    let listed = async {
        match caller.credential.user() {
            Some(user) => list_page(ctx, user, page).await,
            None => Ok(Page::empty()),
        }
    };
    let first = first_organization(caller, deleted, page);
    let (identified, listed) = tokio::join!(authenticate(ctx, caller, first.as_slice()), listed);
    let (principal, found) = identified?;
    match principal {
        Principal::Key(..) | Principal::Token(_, Token { client_id: Some(_), .. }) if deleted => {
            Ok(Page::empty())
        }
        Principal::Key(organization, _) => {
            Ok(single_page(OrganizationSummary::new(&organization, Role::Member, false)))
        }
        Principal::Token(user, Token { client_id: Some(only), .. }) => {
            let (organization, member) = (keys::organization(&only), keys::member(&only, &user.id));
            let found = ctx.table.batch_get(&[organization.clone(), member.clone()]).await?;
            let (organization, member) =
                (found.read::<Organization>(&organization)?, found.read::<Member>(&member)?);
            let organization =
                organization.filter(Organization::exists).ok_or(Error::InvalidToken)?;
            let member = member.ok_or(Error::NoAccess)?;
            let is_default = organization.is_default_of(&user.id);
            Ok(single_page(OrganizationSummary::new(&organization, member.role, is_default)))
        }
        Principal::Session(_) | Principal::Token(..) => {
            summarize(ctx, listed?, found, deleted).await
        }
    }
}

/// Returns the key of the organization that was created with the caller's account, if the page may begin with it. The
/// list of deleted organizations seldom has it, because a default organization cannot be deleted.
fn first_organization(caller: &Caller, deleted: bool, page: &PageRequest) -> Option<Key> {
    let user = caller.credential.user().filter(|_| !deleted && page.cursor.is_none())?;
    Some(keys::organization(&user.first_organization()))
}

/// An organization in its members' list, with what a page shows beside its name.
#[derive(Clone, Debug)]
pub struct OrganizationRow {
    /// The organization as lists show it.
    pub summary: OrganizationSummary,
    /// The number of members, including the owner.
    pub members: u32,
    /// The credits that can be spent; `None` if the caller's role does not show them.
    pub balance: Option<Credits>,
}

/// Lists the organizations that the caller is a member of with their balances, in the order of [`list`]. Takes two
/// round trips.
///
/// # Errors
///
/// * [`Error::SessionRequired`] if the caller has no session.
/// * [`Error::InvalidCursor`] if the page's cursor is not from this list.
pub async fn list_with_balances(
    ctx: &Context,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<OrganizationRow>> {
    let user = caller.credential.user().ok_or(Error::SessionRequired)?;
    let (identified, listed) =
        tokio::join!(authenticate(ctx, caller, &[]), list_page(ctx, user, page));
    identified?.0.into_session()?;
    let mut page = listed?;
    let listed = std::mem::take(&mut page.data);
    let wanted = listed
        .iter()
        .flat_map(|entry| [keys::organization(&entry.client_id), keys::balance(&entry.client_id)]);
    let mut found = ctx.table.batch_get_any(&wanted.collect::<Vec<_>>()).await?;
    let mut rows = Vec::with_capacity(listed.len());
    for entry in &listed {
        let organization = found.take::<Organization>(&keys::organization(&entry.client_id))?;
        let balance = found.take::<Balance>(&keys::balance(&entry.client_id))?;
        let Some(organization) = organization.filter(Organization::exists) else { continue };
        let is_default = organization.is_default_of(&entry.user_id);
        let balance = balance.map_or_else(Credits::default, |balance| balance.total());
        rows.push(OrganizationRow {
            summary: OrganizationSummary::new(&organization, entry.role, is_default),
            members: organization.members,
            balance: entry.role.has_right(Right::ViewCredits).then_some(balance),
        });
    }
    Ok(page.with_data(rows))
}

/// Lists the organizations that a user is a member of.
///
/// # Errors
///
/// * [`Error::InvalidCursor`] if the page's cursor is not from this list.
pub(crate) async fn list_for_user(
    ctx: &Context,
    user: &UserId,
    page: &PageRequest,
) -> Result<Page<OrganizationSummary>> {
    summarize(ctx, list_page(ctx, user, page).await?, BatchResult::default(), false).await
}

async fn list_page(
    ctx: &Context,
    user: &UserId,
    page: &PageRequest,
) -> Result<Page<ListedOrganization>> {
    let slice = ListQuery::new(keys::user(user).pk, keys::LISTED_ORGANIZATIONS);
    query(ctx, &slice, page).await
}

/// Adds names and plans to a page. `found` may have some of its organizations, which are not read again. Organizations
/// that are deleted, or with `deleted` all others, are left out, so a page may be shorter than its limit.
async fn summarize(
    ctx: &Context,
    mut page: Page<ListedOrganization>,
    mut found: BatchResult,
    deleted: bool,
) -> Result<Page<OrganizationSummary>> {
    let listed = std::mem::take(&mut page.data);
    let wanted: Vec<_> = listed.iter().map(|entry| keys::organization(&entry.client_id)).collect();
    ctx.table.batch_get_missing(&mut found, &wanted).await?;
    let mut summaries = Vec::with_capacity(listed.len());
    for (entry, key) in listed.iter().zip(&wanted) {
        let is_listed = |organization: &Organization| {
            if !deleted {
                return organization.exists();
            }
            organization.owner_id == entry.user_id
                && organization.restorable_until(ctx.now()).is_some()
        };
        if let Some(organization) = found.take::<Organization>(key)?.filter(is_listed) {
            let is_default = organization.is_default_of(&entry.user_id);
            summaries.push(OrganizationSummary::new(&organization, entry.role, is_default));
        }
    }
    Ok(page.with_data(summaries))
}

fn single_page(summary: OrganizationSummary) -> Page<OrganizationSummary> {
    Page { data: vec![summary], next_cursor: None }
}
