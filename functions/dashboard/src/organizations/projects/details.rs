//! `POST /account/organizations/{client_id}/projects/{project_id}/details`: renames and describes a project.

use axum::extract::State;
use shared::context::Context;
use shared::projects::Description;
use shared::projects::change::{ProjectChange, change};
use shared::projects::read::read;
use shared::values::Name;

use super::ProjectPath;
use super::project::show_again;
use crate::forms::Submission;
use crate::pages::{PageResult, redirects};

/// Changes name and description. An empty description is cleared.
pub(crate) async fn change_details(
    State(ctx): State<Context>,
    paths: ProjectPath,
    submission: Submission,
) -> PageResult {
    let caller = &submission.visitor.caller;
    let current = read(&ctx, caller, &paths.project).await?;
    let description = current.description.as_deref().unwrap_or_default();
    let current = [("name", current.name.as_str()), ("description", description)];
    let state = match submission.changed_elsewhere(&current) {
        Some(state) => state,
        None => {
            let changed = async {
                let fields = &submission.fields;
                let wanted = ProjectChange {
                    name: fields.edited("name").map(Name::parse).transpose()?,
                    description: fields
                        .edited("description")
                        .map(Description::parse)
                        .transpose()?,
                };
                change(&ctx, caller, &paths.project, &wanted).await
            };
            match changed.await {
                Ok(_) => return Ok(redirects::done(&paths.page(), "Details changed")),
                Err(error) => submission.refused(error)?,
            }
        }
    };
    show_again(&ctx, &paths, submission, state).await
}
