//! Reads a project.

use super::ProjectView;
use super::authorize::authorize_project;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::Result;
use crate::ids::ProjectId;
use crate::organizations::rights::Right;

/// Returns the project.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the project does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
pub async fn read(ctx: &Context, caller: &Caller, id: &ProjectId) -> Result<ProjectView> {
    let (_, project, _) = authorize_project(ctx, caller, id, Right::ViewProjects, &[]).await?;
    Ok(ProjectView::from(&project))
}
