//! `POST /account/organizations/{client_id}/team/invitations/{invitation_id}/resend`: sends an invitation again.

use axum::extract::State;
use shared::context::Context;
use shared::http::Ids;
use shared::ids::{InvitationId, OrganizationId};
use shared::organizations::invitations::resend::resend;

use super::page::show_first;
use super::team_path;
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult, redirects};

/// Sends an invitation again, with a new link.
pub(crate) async fn resend_invitation(
    State(ctx): State<Context>,
    ForPage(Ids(organization, invitation)): ForPage<Ids<OrganizationId, InvitationId>>,
    submission: Submission,
) -> PageResult {
    let (caller, key) = (&submission.visitor.caller, submission.idempotency_key());
    let path = team_path(&organization);
    match resend(&ctx, caller, &key, &organization, &invitation).await {
        Ok(sent) => {
            let message = format!("Invitation sent again to {}", sent.response.email);
            Ok(redirects::done(&path, &message))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            show_first(&ctx, &organization, &submission.visitor.with_form(&path, state)).await
        }
    }
}
