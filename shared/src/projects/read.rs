//! Looking at a project.

use super::ProjectView;
use super::admit::admit;
use crate::context::Context;
use crate::credentials::Credential;
use crate::error::Result;
use crate::ids::ProjectId;
use crate::requester::Requester;

/// The project. [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
pub async fn read(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ProjectId,
) -> Result<ProjectView> {
    let (_, project, _) = admit(ctx, requester, credential, id, &[]).await?;
    Ok(ProjectView::from(&project))
}
