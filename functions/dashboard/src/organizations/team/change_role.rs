//! `POST /account/organizations/{client_id}/team/members/{user_id}/role`: changes a member's role.

use axum::extract::State;
use shared::context::Context;
use shared::http::Ids;
use shared::ids::{OrganizationId, UserId};
use shared::organizations::members::change_role::change_role;

use super::page::show_first;
use super::{parse_role, team_path};
use crate::forms::Submission;
use crate::organizations::role_label;
use crate::pages::{ForPage, PageResult, redirects};

/// Changes a member's role.
pub(crate) async fn change_member_role(
    State(ctx): State<Context>,
    ForPage(Ids(organization, user)): ForPage<Ids<OrganizationId, UserId>>,
    submission: Submission,
) -> PageResult {
    let changed = async {
        let role = parse_role(submission.fields.get("role"))?;
        change_role(&ctx, &submission.visitor.caller, &organization, &user, role).await
    };
    let path = team_path(&organization);
    match changed.await {
        Ok(member) => {
            let who = member.name.as_deref().unwrap_or("The member");
            let message = format!("{who} has the role {} now", role_label(member.role));
            Ok(redirects::done(&path, &message))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            show_first(&ctx, &organization, &submission.visitor.with_form(&path, state)).await
        }
    }
}
