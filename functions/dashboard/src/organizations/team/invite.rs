//! `POST /account/organizations/{client_id}/team/invite`: invites a person.

use axum::extract::State;
use shared::context::Context;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::invitations::invite::{InviteParams, invite};
use shared::values::EmailAddress;

use super::page::show_first;
use super::{parse_role, team_path};
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult, redirects};

/// Invites a person.
pub(crate) async fn invite_person(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let invited = async {
        let params = InviteParams {
            caller: &submission.visitor.caller,
            organization_id: &organization,
            email: &EmailAddress::parse(submission.fields.get("email"))?,
            role: parse_role(submission.fields.get("role"))?,
            idempotency_key: &submission.idempotency_key(),
        };
        invite(&ctx, params).await
    };
    let path = team_path(&organization);
    match invited.await {
        Ok(invited) => {
            let message = format!("Invitation sent to {}", invited.response.email);
            Ok(redirects::done(&path, &message))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            show_first(&ctx, &organization, &submission.visitor.with_form(&path, state)).await
        }
    }
}
