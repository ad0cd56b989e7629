//! Reads a version and creates its download link.

use super::store::VersionById;
use super::view::Download;
use super::{Artifact, ArtifactView};
use crate::blobs::{BlobStore, DOWNLOAD_URL_TTL};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::BatchResult;
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::{AuthorizedScope, authorize_scope};
use crate::values::ArtifactScope;

/// Returns a version together with a download link. Costs one read.
///
/// # Errors
///
/// * [`Error::NotFound`] if the version does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
pub async fn read(
    ctx: &Context,
    blobs: &BlobStore,
    caller: &Caller,
    id: &ArtifactId,
) -> Result<Download> {
    let extra_keys = [keys::version_by_id(id)];
    let authorized =
        authorize_scope(ctx, caller, &ArtifactScope::of(id), Right::ViewProjects, &extra_keys)
            .await?;
    let AuthorizedScope { found, .. } = authorized;
    let artifact = find_version(id, &found)?;
    let (name, content_type) = (artifact.path.file_name(), artifact.content_type.as_str());
    let download_url =
        blobs.download_url(&artifact.object, name, content_type, DOWNLOAD_URL_TTL).await?;
    let download_expires_at = ctx.now().plus(DOWNLOAD_URL_TTL);
    Ok(Download { artifact: ArtifactView::from(&artifact), download_url, download_expires_at })
}

/// Returns a version that was read beforehand, or [`Error::NotFound`].
pub(super) fn find_version(id: &ArtifactId, found: &BatchResult) -> Result<Artifact> {
    let stored: Option<VersionById> = found.read(&keys::version_by_id(id))?;
    stored.map(|VersionById(artifact)| artifact).ok_or(Error::NotFound)
}
