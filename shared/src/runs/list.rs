//! Lists the runs of a project.

use super::{Run, RunView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::ProjectId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::authorize_project;

/// Lists a project's runs, newest first. Takes one round trip: the caller is read together with the list.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the project does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this
///   list.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    project: &ProjectId,
    page: &PageRequest,
) -> Result<Page<RunView>> {
    let runs = ListQuery::new(keys::project_partition(project), keys::RUNS).newest_first();
    let authorized = authorize_project(ctx, caller, project, Right::ViewProjects, &[]);
    let (authorized, runs) = tokio::join!(authorized, query::<Run, _>(ctx, &runs, page));
    authorized?;
    let runs = runs?;
    let views = runs.data.iter().map(RunView::from).collect();
    Ok(runs.with_data(views))
}
