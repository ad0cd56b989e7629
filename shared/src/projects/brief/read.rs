//! Reads a project's brief.

use super::{Brief, BriefView};
use crate::context::Context;
use crate::credentials::Credential;
use crate::error::Result;
use crate::ids::ProjectId;
use crate::keys;
use crate::projects::admit::admit;
use crate::requester::Requester;

/// Returns the brief. It is read together with the project.
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
    project: &ProjectId,
) -> Result<BriefView> {
    let key = keys::brief(project);
    let also = std::slice::from_ref(&key);
    let (_, _, mut found) = admit(ctx, requester, credential, project, also).await?;
    Ok(BriefView::from(found.take::<Brief>(&key)?))
}
