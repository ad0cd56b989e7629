//! `GET /account/organizations/{client_id}/team`

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::billing::Plan;
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, Page, PageRequest};
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::Role;
use shared::organizations::invitations::list::{InvitationView, list as list_invitations};
use shared::organizations::invitations::{INVITATION_TTL, InvitationStatus};
use shared::organizations::members::list::list;
use shared::organizations::members::{MemberStatus, MemberView};
use shared::organizations::rights::Right;

use super::{member_name, team_path};
use crate::organizations::{plan_label, role_help, role_label, role_option};
use crate::pages::{
    ForPage, Frame, ListRequest, Loaded, NavigationItem, OrganizationPage, PageQuery, PageResult,
    Pager, SearchField, Visitor, html,
};

/// Roles that can be given, with their labels.
const ROLES: [(&str, Role); 3] =
    [("member", Role::Member), ("admin", Role::Admin), ("viewer", Role::Viewer)];

#[derive(Template)]
#[template(path = "organizations/team/page.html")]
struct TeamPage<'a> {
    frame: &'a Frame,
    path: String,
    members: Page<MemberView>,
    search: SearchField,
    /// Whether there is another member than the person.
    has_other_members: bool,
    /// The invitations without an answer, expired ones included; `None` if the role does not show them.
    invitations: Option<Loaded<Vec<InvitationView>>>,
    pager: Pager,
    /// Says that members and open invitations use all seats of the plan; `None` if one is left.
    full: Option<String>,
}

/// Shows members and invitations.
pub(crate) async fn team_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    show(&ctx, &organization, &visitor, &query.searchable_list(MAX_PAGE_SIZE)).await
}

/// Shows the first page of the members, with a form to show again.
pub(super) async fn show_first(
    ctx: &Context,
    organization: &OrganizationId,
    visitor: &Visitor,
) -> PageResult {
    show(ctx, organization, visitor, &ListRequest::first(MAX_PAGE_SIZE)).await
}

async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    visitor: &Visitor,
    request: &ListRequest,
) -> PageResult {
    let (caller, item) =
        (&visitor.caller, NavigationItem::Organization(organization, OrganizationPage::Team));
    let all = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    let (frame, members, invitations) = tokio::join!(
        Frame::load(ctx, visitor, item),
        list(ctx, caller, organization, &request.page),
        list_invitations(ctx, caller, organization, None, &all),
    );
    let (frame, mut members) = (frame?, members?);
    members.data.retain(|entry| entry.status == MemberStatus::Active);
    let waits = |invitation: &InvitationView| {
        matches!(invitation.status, InvitationStatus::Pending | InvitationStatus::Expired)
    };
    let waiting =
        |page: Page<InvitationView>| page.data.into_iter().filter(waits).collect::<Vec<_>>();
    let invitations = match invitations {
        Err(Error::NoAccess) => None,
        listed => Some(Loaded::new("The list of invitations", listed.map(waiting))?),
    };
    let full = frame.page_organization().and_then(|entry| {
        let open = invitations.as_ref().and_then(Loaded::ready).map_or(0, |waiting| {
            let is_open =
                |invitation: &&InvitationView| invitation.status == InvitationStatus::Pending;
            waiting.iter().filter(is_open).count()
        });
        full_text(entry.plan, members.data.len() + open)
    });
    let own_id = Some(frame.signed_in.user.id.as_str());
    let pager = Pager::new(&team_path(organization), &[], request, members.next_cursor.as_deref());
    let has_other_members =
        pager.has_others() || members.data.iter().any(|member| member.user_id.as_deref() != own_id);
    let search = request.search(Some(&mut members), |member| {
        [&member.name, &member.email].into_iter().flatten().map(String::as_str).collect()
    });
    let page = html(&TeamPage {
        frame: &frame,
        path: team_path(organization),
        members,
        search,
        has_other_members,
        invitations,
        pager,
        full,
    })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

/// Says that all seats of the plan are used, if they are.
fn full_text(plan: Plan, used: usize) -> Option<String> {
    let limit = plan.limits().members?;
    let is_full = u32::try_from(used).map_or(true, |used| used >= limit);
    is_full.then(|| match limit {
        1 => format!("The {} plan has 1 member.", plan_label(plan)),
        _ => {
            format!("The {} plan has {limit} members, open invitations included.", plan_label(plan))
        }
    })
}

impl TeamPage<'_> {
    /// Returns whether the person may change the plan.
    fn can_change_plan(&self) -> bool {
        self.frame.can(Right::ManageBilling)
    }

    /// Returns the card of the plans.
    fn plans_path(&self) -> String {
        self.path.replace("/team", "/billing#plan")
    }

    /// Returns whether the person may invite, change roles and remove members.
    fn can_manage(&self) -> bool {
        self.frame.can(Right::ManageMembers)
    }

    /// Returns whether the person may transfer the organization, and there is a member to transfer it to.
    fn can_transfer(&self) -> bool {
        self.frame.can(Right::Transfer) && self.has_other_members
    }

    /// Returns the columns of the members' table.
    fn columns(&self) -> Vec<(&'static str, &'static str)> {
        if self.can_manage() {
            vec![
                ("Name", ""),
                ("Role", ""),
                ("2FA", ""),
                ("Joined", ""),
                ("Actions", "row-actions"),
            ]
        } else {
            vec![("Name", ""), ("Role", ""), ("Joined", "")]
        }
    }

    /// Returns whether the person owns the organization, so that they cannot leave it.
    fn is_owner(&self) -> bool {
        self.frame.page_organization().is_some_and(|entry| entry.role == Role::Owner)
    }

    /// Returns whether the member is the person who looks at the page.
    fn is_self(&self, member: &MemberView) -> bool {
        member.user_id.as_deref() == Some(self.frame.signed_in.user.id.as_str())
    }

    /// Returns whether the member's role can be changed and the member removed by this person.
    fn can_change(&self, member: &MemberView) -> bool {
        self.can_manage() && member.role != Role::Owner && !self.is_self(member)
    }

    /// Returns the roles that can be given, as options.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn options(&self) -> [(&'static str, &'static str); 3] {
        ROLES.map(|(name, role)| (name, role_label(role)))
    }

    /// Returns the roles that can be given with what each may do, as options.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn explained_options(&self) -> [(&'static str, String); 3] {
        ROLES.map(|(name, role)| (name, role_option(role)))
    }

    /// Returns all roles with what each may do.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn explained(&self) -> [(&'static str, &'static str); 4] {
        [Role::Owner, Role::Admin, Role::Member, Role::Viewer]
            .map(|role| (role_label(role), role_help(role)))
    }

    /// Returns a member's name and address in words.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn name(&self, member: &MemberView) -> String {
        member_name(member)
    }

    /// Returns what the mail to an invited person does.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn invitation_help(&self) -> String {
        let days = INVITATION_TTL.as_secs() / (24 * 60 * 60);
        format!("We mail a link. The owner of this address can use it for {days} days.")
    }

    /// Returns the label of the role that an invitation offers.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn offered_role(&self, invitation: &InvitationView) -> &'static str {
        role_label(Role::from(invitation.role))
    }

    /// Returns whether a role is the member's.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn has_role(&self, member: &MemberView, role: &str) -> bool {
        member.role.name() == role
    }

    /// Returns the path that invites a person.
    fn invite_path(&self) -> String {
        format!("{}/invite", self.path)
    }

    /// Returns the path that changes a member's role.
    fn role_path(&self, member: &MemberView) -> String {
        let user = member.user_id.as_deref().unwrap_or_default();
        format!("{}/members/{user}/role", self.path)
    }

    /// Returns the path that sends an invitation again.
    fn resend_path(&self, invitation: &InvitationView) -> String {
        format!("{}/invitations/{}/resend", self.path, invitation.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_plan_says_how_many_members_it_has() {
        assert_eq!(full_text(Plan::Free, 1).as_deref(), Some("The Free plan has 1 member."));
        assert_eq!(full_text(Plan::Basic, 2), None);
        let basic = "The Basic plan has 3 members, open invitations included.";
        assert_eq!(full_text(Plan::Basic, 3).as_deref(), Some(basic));
        assert_eq!(full_text(Plan::Enterprise, 10_000), None);
    }
}
