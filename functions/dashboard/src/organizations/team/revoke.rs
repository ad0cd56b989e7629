//! `/account/organizations/{client_id}/team/invitations/{invitation_id}/revoke`: confirms and revokes an invitation.

use axum::extract::State;
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::Error;
use shared::http::Ids;
use shared::ids::{InvitationId, OrganizationId};
use shared::organizations::invitations::InvitationStatus;
use shared::organizations::invitations::list::list;
use shared::organizations::invitations::revoke::revoke;

use super::team_path;
use crate::forms::Submission;
use crate::pages::{
    Confirmation, ForPage, Frame, NavigationItem, OrganizationPage, PageResult, Visitor,
    confirm_page, redirects,
};

/// Shows which invitation ends.
pub(crate) async fn revoke_page(
    State(ctx): State<Context>,
    ForPage(Ids(organization, invitation)): ForPage<Ids<OrganizationId, InvitationId>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &organization, &invitation, &visitor).await
}

async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    id: &InvitationId,
    visitor: &Visitor,
) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Team);
    let all = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    let pending = Some(InvitationStatus::Pending);
    let (frame, listed) = tokio::join!(
        Frame::load(ctx, visitor, item),
        list(ctx, &visitor.caller, organization, pending, &all)
    );
    let (frame, listed) = (frame?, listed?);
    let found = listed.data.into_iter().find(|invitation| invitation.id == id.as_str());
    let invitation = found.ok_or(Error::NotFound)?;
    let back = team_path(organization);
    let confirmation = Confirmation {
        heading: "The link stops working",
        lead: format!("Revokes the invitation of {}.", invitation.email),
        consequences: Vec::new(),
        action: format!("{back}/invitations/{id}/revoke"),
        back,
        back_label: Confirmation::CANCEL,
        button: "Revoke invitation".to_owned(),
    };
    confirm_page(&frame.with_title("Revoke invitation"), &confirmation)
}

/// Revokes the invitation.
pub(crate) async fn revoke_invitation(
    State(ctx): State<Context>,
    ForPage(Ids(organization, invitation)): ForPage<Ids<OrganizationId, InvitationId>>,
    submission: Submission,
) -> PageResult {
    match revoke(&ctx, &submission.visitor.caller, &organization, &invitation).await {
        Ok(()) => Ok(redirects::done(&team_path(&organization), "Invitation revoked")),
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            let visitor = submission.visitor.with_form(&path, state);
            show(&ctx, &organization, &invitation, &visitor).await
        }
    }
}
