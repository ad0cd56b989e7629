//! `/account/organizations/{client_id}/team/transfer`: makes a member the owner.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::IdentityProof;
use shared::accounts::password::Password;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::http::Id;
use shared::ids::{OrganizationId, UserId};
use shared::organizations::members::MemberView;
use shared::organizations::members::transfer::transfer;
use shared::organizations::read::read;
use shared::organizations::rights::Right;
use shared::organizations::{OrganizationView, Role};

use super::{all_members, member_name, team_path};
use crate::forms::Submission;
use crate::pages::{
    ForPage, Frame, NavigationItem, OrganizationPage, PageError, PageResult, Visitor, html,
    redirects,
};

#[derive(Template)]
#[template(path = "organizations/team/transfer.html")]
struct TransferPage<'a> {
    frame: &'a Frame,
    path: String,
    members: Vec<MemberView>,
    needs_password: bool,
    needs_code: bool,
}

/// Shows whom the organization can be transferred to.
pub(crate) async fn transfer_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &organization, &visitor).await
}

async fn show(ctx: &Context, organization: &OrganizationId, visitor: &Visitor) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Team);
    let (frame, view, members) = tokio::join!(
        Frame::load(ctx, visitor, item),
        read(ctx, &visitor.caller, organization),
        all_members(ctx, &visitor.caller, organization)
    );
    let (frame, mut members) = (frame?.with_title("Transfer ownership"), members?);
    if !view?.role.has_right(Right::Transfer) {
        return Err(PageError::Operation(Error::NoAccess));
    }
    members.retain(|member| member.role != Role::Owner && member.email.is_some());
    let user = &frame.signed_in.user;
    let (needs_password, needs_code) = (user.password_hash.is_some(), user.second_factor.is_some());
    let path = team_path(organization);
    let page = html(&TransferPage { frame: &frame, path, members, needs_password, needs_code })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

/// Transfers the organization.
pub(crate) async fn transfer_organization(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let path = team_path(&organization);
    match transfer_to_chosen(&ctx, &organization, &submission).await {
        Ok(transferred) => {
            let message = format!("{} is the owner now", transferred.owner_id);
            Ok(redirects::done(&path, &message))
        }
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            show(&ctx, &organization, &submission.visitor.with_form(&path, state)).await
        }
    }
}

async fn transfer_to_chosen(
    ctx: &Context,
    organization: &OrganizationId,
    submission: &Submission,
) -> Result<OrganizationView> {
    let fields = &submission.fields;
    let to = fields.optional("user_id").ok_or_else(|| Error::missing("user_id"))?;
    let to = UserId::parse(to).ok_or_else(|| Error::invalid_field("user_id", "choose a member"))?;
    let password = fields.optional("password").map(str::to_owned);
    let password = Password::parse_optional("password", password)?;
    let proof = IdentityProof { password, code: fields.optional("code") };
    transfer(ctx, &submission.visitor.caller, organization, &to, proof).await
}

impl TransferPage<'_> {
    /// Returns the path that the form posts to.
    fn form_path(&self) -> String {
        format!("{}/transfer", self.path)
    }

    /// Returns the members as options.
    fn options(&self) -> Vec<(String, String)> {
        let option =
            |member: &MemberView| (member.user_id.clone().unwrap_or_default(), member_name(member));
        self.members.iter().map(option).collect()
    }
}
