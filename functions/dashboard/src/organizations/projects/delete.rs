//! `/account/organizations/{client_id}/projects/{project_id}/delete`: confirms and deletes a project.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::projects::ProjectView;
use shared::projects::delete::delete;

use super::ProjectPath;
use super::project::load_frame;
use crate::forms::Submission;
use crate::pages::{Frame, OrganizationPage, PageResult, Visitor, html, redirects};

#[derive(Template)]
#[template(path = "organizations/projects/delete.html")]
struct DeleteProjectPage<'a> {
    frame: &'a Frame,
    path: String,
    project_path: String,
    project: ProjectView,
}

/// Shows what is destroyed.
pub(crate) async fn delete_page(
    State(ctx): State<Context>,
    paths: ProjectPath,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &paths, &visitor).await
}

async fn show(ctx: &Context, paths: &ProjectPath, visitor: &Visitor) -> PageResult {
    let (frame, project) = load_frame(ctx, paths, visitor).await?;
    let frame = frame.with_title(format!("Delete {}", project.name));
    let (path, project_path) = (paths.below("delete"), paths.page());
    html(&DeleteProjectPage { frame: &frame, path, project_path, project })
}

/// Deletes the project, and leads to the list.
pub(crate) async fn delete_project(
    State(ctx): State<Context>,
    paths: ProjectPath,
    submission: Submission,
) -> PageResult {
    match delete(&ctx, &submission.visitor.caller, &paths.project).await {
        Ok(()) => {
            let list = OrganizationPage::Projects.path(&paths.organization);
            Ok(redirects::done(&list, "Project deleted"))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let visitor = submission.visitor.with_form(&paths.below("delete"), state);
            Ok((status, show(&ctx, &paths, &visitor).await?).into_response())
        }
    }
}
