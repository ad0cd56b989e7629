//! Looking at a project's brief.

use super::{Brief, BriefView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::keys;
use crate::error::Result;
use crate::ids::ProjectId;
use crate::projects::authorize::authorize_project;

/// The brief, read together with the project. [`crate::error::Error::NotFound`],
/// [`crate::error::Error::NoAccess`].
pub async fn read(ctx: &Context, caller: &Caller, project: &ProjectId) -> Result<BriefView> {
    let key = keys::brief(project);
    let also = std::slice::from_ref(&key);
    let (_, _, mut found) = authorize_project(ctx, caller, project, also).await?;
    Ok(BriefView::from(found.take::<Brief>(&key)?))
}
