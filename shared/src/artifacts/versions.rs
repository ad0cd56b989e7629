//! Lists the versions of a file.

use super::ArtifactView;
use super::read::find_version;
use super::store::VersionByNumber;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::ArtifactId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::{AuthorizedScope, authorize_scope};
use crate::values::ArtifactScope;

/// Lists all versions of the file that this version belongs to, newest first. Takes two reads,
/// because the version names the file.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the version does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this
///   list.
pub async fn list_versions(
    ctx: &Context,
    caller: &Caller,
    id: &ArtifactId,
    page: &PageRequest,
) -> Result<Page<ArtifactView>> {
    let (scope, extra_keys) = (ArtifactScope::of(id), [keys::version_by_id(id)]);
    let AuthorizedScope { found, .. } =
        authorize_scope(ctx, caller, &scope, Right::ViewProjects, &extra_keys).await?;
    let prefix = keys::version_prefix(&find_version(id, &found)?.path.hash());
    let slice = ListQuery::new(keys::artifact_partition(&scope), prefix).newest_first();
    let slice = slice.filter("existing", Condition::Missing("deleted_after_forks"));
    let found: Page<VersionByNumber> = query(ctx, &slice, page).await?;
    let views = found.data.iter().map(|VersionByNumber(artifact)| artifact.into()).collect();
    Ok(found.with_data(views))
}
