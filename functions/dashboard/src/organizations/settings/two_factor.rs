//! `POST /account/organizations/{client_id}/settings/two-factor`: requires two-factor authentication of members, or no
//! longer.

use axum::extract::State;
use shared::context::Context;
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::two_factor_policy::{PolicyChange, change_policy};

use super::page::show;
use super::settings_path;
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult, redirects};

/// Changes the policy. If members would lose access, names them and asks for a confirmation.
#[expect(clippy::wildcard_enum_match_arm, reason = "other errors name no members")]
pub(crate) async fn change_two_factor_policy(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let (caller, path) = (&submission.visitor.caller, settings_path(&organization));
    let changed = async {
        let change = PolicyChange {
            require_two_factor: match submission.fields.get("require_two_factor") {
                "true" => true,
                "false" => false,
                _ => {
                    return Err(Error::invalid_field("require_two_factor", "choose true or false"));
                }
            },
            confirmed: submission.fields.get("confirm") == "true",
            name: None,
        };
        change_policy(&ctx, caller, &organization, &change).await
    };
    let error = match changed.await {
        Ok(view) if view.require_two_factor => {
            return Ok(redirects::done(&path, "Two-factor authentication is required now"));
        }
        Ok(_) => {
            return Ok(redirects::done(&path, "Two-factor authentication is no longer required"));
        }
        Err(error) => error,
    };
    let affected = match &error {
        Error::MembersAffected(members) => members.clone(),
        _ => Vec::new(),
    };
    let state = submission.refused(error)?;
    show(&ctx, &organization, &submission.visitor.with_form(&path, state), &affected).await
}
