//! `POST /account/organizations/{client_id}/settings/name`: renames the organization.

use axum::extract::State;
use shared::context::Context;
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::read::read;
use shared::organizations::rename::rename;
use shared::values::Name;

use super::page::show;
use super::settings_path;
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult, redirects};

/// Renames the organization.
pub(crate) async fn rename_organization(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let (caller, path) = (&submission.visitor.caller, settings_path(&organization));
    let current = read(&ctx, caller, &organization).await?;
    let state = match submission.changed_elsewhere(&[("name", &current.name)]) {
        Some(state) => state,
        None => {
            let renamed = async {
                if let Some(name) = submission.fields.edited("name") {
                    rename(&ctx, caller, &organization, &Name::parse(name)?).await?;
                }
                Ok::<_, Error>(())
            };
            match renamed.await {
                Ok(()) => return Ok(redirects::done(&path, "Name changed")),
                Err(error) => submission.refused(error)?,
            }
        }
    };
    show(&ctx, &organization, &submission.visitor.with_form(&path, state), &[]).await
}
