//! `POST /account/organizations/{client_id}/projects/{project_id}/fork`: forks a project.

use axum::extract::State;
use shared::context::Context;
use shared::projects::fork::fork;

use super::ProjectPath;
use super::project::show_again;
use crate::forms::Submission;
use crate::pages::{OrganizationPage, PageResult, redirects};

/// Forks the project, and leads to the fork.
pub(crate) async fn fork_project(
    State(ctx): State<Context>,
    paths: ProjectPath,
    submission: Submission,
) -> PageResult {
    let key = submission.idempotency_key();
    match fork(&ctx, &submission.visitor.caller, &key, &paths.project).await {
        Ok(forked) => {
            let projects = OrganizationPage::Projects.path(&paths.organization);
            let page = format!("{projects}/{}", forked.response.id);
            Ok(redirects::done(&page, &format!("Forked as {}", forked.response.name)))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            show_again(&ctx, &paths, submission, state).await
        }
    }
}
