//! `/account/organizations/{client_id}/projects/{project_id}/delete`: confirms and deletes a project.

use axum::extract::State;
use shared::context::Context;
use shared::organizations::rights::Right;
use shared::projects::delete::delete;

use super::ProjectPath;
use super::load_frame::load_frame;
use crate::forms::Submission;
use crate::pages::{Confirmation, OrganizationPage, PageResult, Visitor, confirm_page, redirects};

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
    frame.require(Right::ManageProjects)?;
    let frame = frame.with_title(format!("Delete {}", project.name));
    let files = match project.files {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    let confirmation = Confirmation {
        heading: "This cannot be undone",
        lead: format!("Deletes the project {} for all members:", project.name),
        consequences: vec![
            "its brief".to_owned(),
            format!("{files} with all versions, reports included"),
            "all its runs".to_owned(),
            "Forks of the project stay, and its name can be used again.".to_owned(),
        ],
        action: paths.subpath("delete"),
        back: paths.page(),
        back_label: Confirmation::CANCEL,
        button: format!("Delete {}", project.name),
    };
    confirm_page(&frame, &confirmation)
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
            show(&ctx, &paths, &submission.visitor.with_form(&paths.subpath("delete"), state)).await
        }
    }
}
