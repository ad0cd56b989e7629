//! `/account/organizations/{client_id}/artifacts/{artifact_id}/delete`: confirms and deletes a version of a file.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::artifacts::ArtifactView;
use shared::artifacts::delete::delete;
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::Error;

use super::ArtifactPath;
use super::artifact::{load, named_version};
use crate::forms::Submission;
use crate::pages::{Frame, PageResult, Visitor, html, redirects, size_text};

#[derive(Template)]
#[template(path = "organizations/artifacts/delete.html")]
struct DeleteArtifactPage<'a> {
    frame: &'a Frame,
    path: String,
    back: String,
    artifact: ArtifactView,
    size: String,
    /// The number of the version that becomes the latest; `None` if the file goes away, or has a later version.
    next_latest: Option<u32>,
    is_only: bool,
}

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
    let artifact = named_version(paths, &versions)?;
    if artifact.id != paths.artifact.as_str() && next_cursor.is_none() {
        return Err(Error::NotFound.into());
    }
    let is_latest = versions.first().is_some_and(|latest| latest.id == artifact.id);
    let next_latest = versions.get(1).filter(|_| is_latest).map(|version| version.version);
    let frame = frame.with_title(format!("Delete {}", artifact.path));
    html(&DeleteArtifactPage {
        frame: &frame,
        path: format!("{}/delete", paths.page()),
        back: paths.page(),
        size: size_text(artifact.size),
        artifact,
        next_latest,
        is_only: versions.len() == 1,
    })
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
            let status = state.status();
            let visitor = submission.visitor.with_form(&format!("{}/delete", paths.page()), state);
            Ok((status, show(&ctx, &paths, &visitor).await?).into_response())
        }
    }
}
