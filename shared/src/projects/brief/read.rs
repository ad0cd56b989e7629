//! Reads a project's brief.

use super::{Brief, BriefView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::Result;
use crate::ids::ProjectId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::authorize_project;

/// Returns the brief. It is read together with the project.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the project does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
pub async fn read(ctx: &Context, caller: &Caller, project: &ProjectId) -> Result<BriefView> {
    let key = keys::brief(project);
    let extra_keys = std::slice::from_ref(&key);
    let (_, _, mut found) =
        authorize_project(ctx, caller, project, Right::ViewProjects, extra_keys).await?;
    Ok(BriefView::from(found.take::<Brief>(&key)?))
}
