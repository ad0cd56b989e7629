//! Reads a version and creates its download link.

use std::time::Duration;

use super::store::ById;
use super::view::Download;
use super::{Artifact, ArtifactView};
use crate::content::Contents;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Found, keys};
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::projects::Shelf;
use crate::projects::authorize::{AuthorizedScope, authorize_scope};

/// How long a download link works.
const URL_LIVES: Duration = Duration::from_secs(5 * 60);

/// Returns a version together with a download link. Costs one read.
///
/// # Errors
///
/// * [`Error::NotFound`] if the version does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
pub async fn read(
    ctx: &Context,
    contents: &Contents,
    caller: &Caller,
    id: &ArtifactId,
) -> Result<Download> {
    let also = [keys::artifact(id)];
    let authorized = authorize_scope(ctx, caller, &Shelf::of(id), &also).await?;
    let AuthorizedScope { found, .. } = authorized;
    let artifact = stored(id, &found)?;
    let (name, content_type) = (artifact.path.file_name(), artifact.content_type.as_str());
    let download_url =
        contents.download_url(&artifact.object, name, content_type, URL_LIVES).await?;
    let download_expires_at = ctx.now().plus(URL_LIVES);
    Ok(Download { artifact: ArtifactView::from(&artifact), download_url, download_expires_at })
}

/// Returns a version that was read beforehand, or [`Error::NotFound`].
pub(super) fn stored(id: &ArtifactId, found: &Found) -> Result<Artifact> {
    let stored: Option<ById> = found.read(&keys::artifact(id))?;
    stored.map(|ById(artifact)| artifact).ok_or(Error::NotFound)
}
