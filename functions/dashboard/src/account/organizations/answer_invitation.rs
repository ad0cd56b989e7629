//! `POST /account/organizations/invitations/accept` and `…/decline`: answers an invitation of the list.

use axum::extract::State;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::ids::{InvitationId, OrganizationId};
use shared::organizations::invitations::InvitationSelector;
use shared::organizations::invitations::accept::accept;
use shared::organizations::invitations::decline::decline;

use super::PATH;
use super::page::show_first;
use crate::forms::{Fields, Submission};
use crate::pages::{OrganizationPage, PageResult, redirects};

/// Joins the organization, and leads to its overview.
pub(crate) async fn accept_invitation(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let joined = async {
        let (client_id, invitation_id) = invitation(&submission.fields)?;
        let (client_id, invitation_id) = (&client_id, &invitation_id);
        let selector = InvitationSelector::Listed { client_id, invitation_id };
        let key = submission.idempotency_key();
        accept(&ctx, &submission.visitor.caller, &key, selector).await
    };
    match joined.await {
        Ok(joined) => {
            let organization = joined.response.organization;
            let page = OrganizationPage::Overview.path(&organization.id);
            Ok(redirects::done(&page, &format!("You joined {}", organization.name)))
        }
        Err(error) => show_again(&ctx, submission, error).await,
    }
}

/// Declines the invitation.
pub(crate) async fn decline_invitation(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let declined = async {
        let (client_id, invitation_id) = invitation(&submission.fields)?;
        let (client_id, invitation_id) = (&client_id, &invitation_id);
        let selector = InvitationSelector::Listed { client_id, invitation_id };
        decline(&ctx, &submission.visitor.caller, selector).await
    };
    match declined.await {
        Ok(()) => Ok(redirects::done(PATH, "Invitation declined")),
        Err(error) => show_again(&ctx, submission, error).await,
    }
}

fn invitation(fields: &Fields) -> Result<(OrganizationId, InvitationId)> {
    let client_id = OrganizationId::parse(fields.get("client_id"));
    let invitation_id = InvitationId::parse(fields.get("invitation_id"));
    client_id.zip(invitation_id).ok_or(Error::InvitationNotFound)
}

async fn show_again(ctx: &Context, submission: Submission, error: Error) -> PageResult {
    let state = submission.refused(error)?;
    show_first(ctx, &submission.visitor.with_form(PATH, state)).await
}
