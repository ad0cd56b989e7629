//! `/account/organizations/{client_id}/team/leave`: confirms and leaves the organization.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::Role;
use shared::organizations::members::leave::leave;
use shared::organizations::read::read;

use super::team_path;
use crate::forms::Submission;
use crate::pages::{
    AccountPage, Confirmation, ForPage, Frame, NavigationItem, OrganizationPage, PageResult,
    Visitor, confirm_page, html, redirects,
};

#[derive(Template)]
#[template(path = "organizations/team/owner_leaves.html")]
struct OwnerPage<'a> {
    frame: &'a Frame,
    path: String,
    name: String,
}

/// Shows what the person loses, or what the owner does first.
pub(crate) async fn leave_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &organization, &visitor).await
}

async fn show(ctx: &Context, organization: &OrganizationId, visitor: &Visitor) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Team);
    let (frame, view) =
        tokio::join!(Frame::load(ctx, visitor, item), read(ctx, &visitor.caller, organization));
    let frame = frame?.with_title("Leave organization");
    let (name, role) = match view {
        Ok(view) => (view.name, Some(view.role)),
        // A member without the required second factor may leave, and sees nothing else.
        Err(Error::TwoFactorRequired) => {
            ("this organization".to_owned(), frame.page_organization().map(|entry| entry.role))
        }
        Err(error) => return Err(error.into()),
    };
    let back = team_path(organization);
    if role == Some(Role::Owner) {
        let page = html(&OwnerPage { frame: &frame, path: back, name })?;
        return Ok((visitor.page.form_state.status(), page).into_response());
    }
    let confirmation = Confirmation {
        heading: "You lose access at once",
        lead: format!("You leave {name}, with its projects and files."),
        consequences: vec![
            "What you made stays.".to_owned(),
            "Your personal tokens no longer work there.".to_owned(),
            "To come back, you need a new invitation.".to_owned(),
        ],
        action: format!("{back}/leave"),
        back,
        back_label: Confirmation::CANCEL,
        button: "Leave organization".to_owned(),
    };
    confirm_page(&frame, &confirmation)
}

/// Leaves the organization, and leads to the list of those that remain.
pub(crate) async fn leave_organization(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    match leave(&ctx, &submission.visitor.caller, &organization).await {
        Ok(()) => {
            let list = AccountPage::Organizations.path();
            Ok(redirects::done(list, "You left the organization"))
        }
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            show(&ctx, &organization, &submission.visitor.with_form(&path, state)).await
        }
    }
}
