//! Reads a project.

use super::ProjectView;
use super::admit::admit;
use crate::context::Context;
use crate::credentials::Credential;
use crate::error::Result;
use crate::ids::ProjectId;
use crate::requester::Requester;

/// Returns the project.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the project does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
pub async fn read(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ProjectId,
) -> Result<ProjectView> {
    let (_, project, _) = admit(ctx, requester, credential, id, &[]).await?;
    Ok(ProjectView::from(&project))
}
