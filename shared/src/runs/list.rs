//! The runs of a project.

use super::{Run, RunView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::keys;
use crate::dynamo::page::{Page, PageRequest, Slice, query};
use crate::error::Result;
use crate::ids::ProjectId;
use crate::projects::authorize::authorize_project;

/// A page of the project's runs, newest first. One round trip: who calls is read beside it.
/// [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`],
/// [`crate::error::Error::InvalidCursor`].
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    project: &ProjectId,
    page: &PageRequest,
) -> Result<Page<RunView>> {
    let runs = Slice::of(keys::in_project(project), keys::RUNS).newest_first();
    let authorized = authorize_project(ctx, caller, project, &[]);
    let (authorized, runs) = tokio::join!(authorized, query::<Run>(ctx, &runs, page));
    authorized?;
    let runs = runs?;
    let views = runs.data.iter().map(RunView::from).collect();
    Ok(runs.with(views))
}
