//! `/account/organizations/{client_id}/artifacts/{artifact_id}/delete`: confirms and deletes a version of a file.

use axum::extract::State;
use shared::artifacts::delete::delete;
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::Error;
use shared::organizations::rights::Right;

use super::ArtifactPath;
use super::artifact::{load, named_version};
use crate::forms::Submission;
use crate::pages::{Confirmation, PageResult, Visitor, confirm_page, redirects, size_text};

/// Shows what is destroyed.
pub(crate) async fn delete_page(
    State(ctx): State<Context>,
    paths: ArtifactPath,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &paths, &visitor).await
}

async fn show(ctx: &Context, paths: &ArtifactPath, visitor: &Visitor) -> PageResult {
    let request = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    let (frame, versions, next_cursor) = load(ctx, paths, visitor, &request).await?;
    frame.require(Right::ManageProjects)?;
    let artifact = named_version(paths, &versions)?;
    if artifact.id != paths.artifact.as_str() && next_cursor.is_none() {
        return Err(Error::NotFound.into());
    }
    let is_latest = versions.first().is_some_and(|latest| latest.id == artifact.id);
    let next_latest = versions.get(1).filter(|_| is_latest).map(|version| version.version);
    let consequence = match next_latest {
        Some(number) => format!("Version {number} becomes the latest."),
        None if versions.len() == 1 => "It is the only version, so the file goes away.".to_owned(),
        None => "The latest version stays.".to_owned(),
    };
    let (path, version, size) = (&artifact.path, artifact.version, size_text(artifact.size));
    let confirmation = Confirmation {
        heading: "This cannot be undone",
        lead: format!("Deletes version {version} of {path} ({size})."),
        consequences: vec![consequence],
        action: format!("{}/delete", paths.page()),
        back: paths.page(),
        back_label: Confirmation::CANCEL,
        button: format!("Delete version {version}"),
    };
    confirm_page(&frame.with_title(format!("Delete {path}")), &confirmation)
}

/// Deletes the version, and leads to the list that the file stands in.
pub(crate) async fn delete_version(
    State(ctx): State<Context>,
    paths: ArtifactPath,
    submission: Submission,
) -> PageResult {
    match delete(&ctx, &submission.visitor.caller, &paths.artifact).await {
        Ok(()) => Ok(redirects::done(&paths.list(), "Version deleted")),
        Err(error) => {
            let state = submission.refused(error)?;
            let path = format!("{}/delete", paths.page());
            show(&ctx, &paths, &submission.visitor.with_form(&path, state)).await
        }
    }
}
