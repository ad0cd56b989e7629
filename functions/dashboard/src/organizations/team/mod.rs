//! `/account/organizations/{client_id}/team`: members and invitations.

pub(crate) mod change_role;
pub(crate) mod invite;
pub(crate) mod leave;
pub(crate) mod page;
pub(crate) mod remove;
pub(crate) mod resend;
pub(crate) mod revoke;
pub(crate) mod transfer;

use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::{Error, Result};
use shared::ids::{OrganizationId, UserId};
use shared::organizations::AssignableRole;
use shared::organizations::members::list::list;
use shared::organizations::members::{MemberStatus, MemberView};

use crate::pages::OrganizationPage;

/// Returns the path of the page.
fn team_path(organization: &OrganizationId) -> String {
    OrganizationPage::Team.path(organization)
}

/// Parses the field `role`.
fn parse_role(text: &str) -> Result<AssignableRole> {
    match text {
        "admin" => Ok(AssignableRole::Admin),
        "member" => Ok(AssignableRole::Member),
        "viewer" => Ok(AssignableRole::Viewer),
        _ => Err(Error::invalid_field("role", "choose admin, member or viewer")),
    }
}

/// Lists all members of an organization, without invitations.
async fn all_members(
    ctx: &Context,
    caller: &Caller,
    organization: &OrganizationId,
) -> Result<Vec<MemberView>> {
    let mut request = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    let mut members = Vec::new();
    loop {
        let page = list(ctx, caller, organization, &request).await?;
        let has_invitations = page.data.iter().any(|entry| entry.status == MemberStatus::Pending);
        members.extend(page.data.into_iter().filter(|entry| entry.status == MemberStatus::Active));
        request.cursor = page.next_cursor.filter(|_| !has_invitations);
        if request.cursor.is_none() {
            return Ok(members);
        }
    }
}

/// Finds a member of an organization.
async fn find_member(
    ctx: &Context,
    caller: &Caller,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<MemberView> {
    let members = all_members(ctx, caller, organization).await?;
    let is_wanted = |member: &MemberView| member.user_id.as_deref() == Some(user.as_str());
    members.into_iter().find(is_wanted).ok_or(Error::NotFound)
}

/// Returns a member's name and address in words.
fn member_name(member: &MemberView) -> String {
    match (&member.name, &member.email) {
        (Some(name), Some(email)) => format!("{name} ({email})"),
        _ => "A deleted account".to_owned(),
    }
}
