//! Looking at a project.

use super::ProjectView;
use super::authorize::authorize_project;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::Result;
use crate::ids::ProjectId;

/// The project. [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
pub async fn read(ctx: &Context, caller: &Caller, id: &ProjectId) -> Result<ProjectView> {
    let (_, project, _) = authorize_project(ctx, caller, id, &[]).await?;
    Ok(ProjectView::from(&project))
}
