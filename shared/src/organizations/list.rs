//! Whose clients are which.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ListedOrganization, Member, Organization, Role};
use crate::billing::Plan;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, Credential, identify};
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::requester::Requester;
use crate::tokens::Token;

/// A client as its members see it in their lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganizationSummary {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Corp")]
    name: String,
    /// What the caller is in it.
    role: Role,
    /// What it may use.
    plan: Plan,
    /// Whether it came with the caller's account.
    is_default: bool,
    /// When it was made.
    created_at: Timestamp,
}

impl OrganizationSummary {
    fn of(organization: &Organization, role: Role, is_default: bool) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.to_string(),
            role,
            plan: organization.plan,
            is_default,
            created_at: organization.created_at,
        }
    }
}

/// A page of the clients that the caller is a member of, the default one first, the others in the order
/// of joining; for a key, and for a token that is for one client alone, that client:
/// [`Error::InvalidToken`] where that is deleted, [`Error::NoAccess`] where the user has left it.
///
/// Two round trips: who calls is read beside the list, and names live in one place, so that renaming is
/// one write.
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    page: &PageRequest,
) -> Result<Page<OrganizationSummary>> {
    let listed = async {
        match credential.user() {
            Some(user) => listed(ctx, user, page).await,
            None => Ok(Page::empty()),
        }
    };
    let (identified, listed) = tokio::join!(identify(ctx, requester, credential, &[]), listed);
    match identified?.0 {
        Caller::Key(organization, _) => {
            Ok(one(OrganizationSummary::of(&organization, Role::Member, false)))
        }
        Caller::Token(user, Token { client_id: Some(only), .. }) => {
            let (organization, member) = (keys::organization(&only), keys::member(&only, &user.id));
            let found = ctx.table.batch_get(&[organization.clone(), member.clone()]).await?;
            let (organization, member) =
                (found.read::<Organization>(&organization)?, found.read::<Member>(&member)?);
            let organization =
                organization.filter(Organization::exists).ok_or(Error::InvalidToken)?;
            let member = member.ok_or(Error::NoAccess)?;
            let is_default = organization.is_default_of(&user.id);
            Ok(one(OrganizationSummary::of(&organization, member.role, is_default)))
        }
        Caller::Session(_) | Caller::Token(..) => summaries(ctx, listed?).await,
    }
}

/// A page of the clients that a user is a member of.
pub(crate) async fn of_user(
    ctx: &Context,
    user: &UserId,
    page: &PageRequest,
) -> Result<Page<OrganizationSummary>> {
    summaries(ctx, listed(ctx, user, page).await?).await
}

async fn listed(
    ctx: &Context,
    user: &UserId,
    page: &PageRequest,
) -> Result<Page<ListedOrganization>> {
    let slice = ListQuery::new(keys::user(user).pk, keys::LISTED_CLIENTS);
    query(ctx, &slice, page).await
}

/// With names and plans. What is being deleted is left out, so that a page may have fewer entries than
/// it could.
async fn summaries(
    ctx: &Context,
    mut page: Page<ListedOrganization>,
) -> Result<Page<OrganizationSummary>> {
    let listed = std::mem::take(&mut page.data);
    let wanted: Vec<_> = listed.iter().map(|entry| keys::organization(&entry.client_id)).collect();
    let mut found = ctx.table.batch_get_any(&wanted).await?;
    let mut summaries = Vec::with_capacity(listed.len());
    for (entry, key) in listed.iter().zip(&wanted) {
        if let Some(organization) = found.take::<Organization>(key)?.filter(Organization::exists) {
            let is_default = organization.is_default_of(&entry.user_id);
            summaries.push(OrganizationSummary::of(&organization, entry.role, is_default));
        }
    }
    Ok(page.with(summaries))
}

fn one(summary: OrganizationSummary) -> Page<OrganizationSummary> {
    Page { data: vec![summary], next_cursor: None }
}
