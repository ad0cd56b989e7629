//! `/account/organizations/{client_id}/team/members/{user_id}/remove`: confirms and removes a member.

use axum::extract::State;
use shared::context::Context;
use shared::http::Ids;
use shared::ids::{OrganizationId, UserId};
use shared::organizations::members::remove::remove;

use super::{find_member, member_name, team_path};
use crate::forms::Submission;
use crate::pages::{
    Confirmation, ForPage, Frame, NavigationItem, OrganizationPage, PageResult, Visitor,
    confirm_page, redirects,
};

/// Shows who loses access.
pub(crate) async fn remove_page(
    State(ctx): State<Context>,
    ForPage(Ids(organization, user)): ForPage<Ids<OrganizationId, UserId>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &organization, &user, &visitor).await
}

async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    user: &UserId,
    visitor: &Visitor,
) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Team);
    let (frame, member) = tokio::join!(
        Frame::load(ctx, visitor, item),
        find_member(ctx, &visitor.caller, organization, user)
    );
    let (frame, member) = (frame?, member?);
    let back = team_path(organization);
    let confirmation = Confirmation {
        heading: "The member loses access at once",
        lead: format!("Removes {}.", member_name(&member)),
        consequences: vec![
            "Projects, files and API keys that they made stay.".to_owned(),
            "Their personal tokens no longer work here.".to_owned(),
            "To come back, they need a new invitation.".to_owned(),
        ],
        action: format!("{back}/members/{user}/remove"),
        back,
        back_label: Confirmation::CANCEL,
        button: "Remove member".to_owned(),
    };
    confirm_page(&frame.with_title("Remove member"), &confirmation)
}

/// Removes the member.
pub(crate) async fn remove_member(
    State(ctx): State<Context>,
    ForPage(Ids(organization, user)): ForPage<Ids<OrganizationId, UserId>>,
    submission: Submission,
) -> PageResult {
    match remove(&ctx, &submission.visitor.caller, &organization, &user).await {
        Ok(()) => Ok(redirects::done(&team_path(&organization), "Member removed")),
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            show(&ctx, &organization, &user, &submission.visitor.with_form(&path, state)).await
        }
    }
}
