//! Lists the files of an organization or of one of its projects.

use std::collections::BTreeSet;

use super::store::LatestVersion;
use super::{ArtifactKind, ArtifactView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::Project;
use crate::projects::authorize::authorize_scope;
use crate::values::ArtifactScope;

/// Selects the files to list.
#[derive(Clone, Debug)]
pub struct ArtifactQuery {
    /// The files of this project, or of this organization and all its projects.
    pub scope: ArtifactScope,
    /// Only files of this kind.
    pub kind: Option<ArtifactKind>,
}

/// Lists the latest versions of files by path: first those of no project, then project by project.
/// A page filtered by kind may be shorter than its limit and still have a cursor.
///
/// Takes one round trip for a project, one more for a kind, and one more for an organization, where
/// the files of deleted projects are left out.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization or project does not
///   exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this
///   list.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    artifact_query: &ArtifactQuery,
    page: &PageRequest,
) -> Result<Page<ArtifactView>> {
    let scope = &artifact_query.scope;
    let prefix = scope.project().map_or_else(String::new, |_| keys::latest_version_prefix(scope));
    let mut slice = ListQuery::new(keys::latest_version_partition(&scope.organization()), prefix);
    if let Some(kind) = artifact_query.kind {
        slice = slice.filter(kind.as_str(), Condition::equal("kind", kind)?);
    }
    let authorized = authorize_scope(ctx, caller, scope, Right::ViewProjects, &[]);
    let mut found: Page<LatestVersion> = if artifact_query.kind.is_some() {
        // Filtering by kind may read many rows, so it waits for the authorization.
        authorized.await?;
        query(ctx, &slice, page).await?
    } else {
        let (authorized, found) = tokio::join!(authorized, query(ctx, &slice, page));
        authorized?;
        found?
    };
    if scope.project().is_none() {
        leave_out_deleted(ctx, &mut found.data).await?;
    }
    let views = found.data.iter().map(|LatestVersion(artifact)| artifact.into()).collect();
    Ok(found.with_data(views))
}

/// Removes the files of projects that are deleted but not yet swept.
async fn leave_out_deleted(ctx: &Context, files: &mut Vec<LatestVersion>) -> Result<()> {
    let projects: BTreeSet<_> =
        files.iter().filter_map(|LatestVersion(file)| file.id.project()).collect();
    if projects.is_empty() {
        return Ok(());
    }
    let wanted: Vec<_> = projects.iter().map(keys::project).collect();
    let found = ctx.table.batch_get_any(&wanted).await?;
    let mut gone = BTreeSet::new();
    for project in projects {
        let stored: Option<Project> = found.read(&keys::project(&project))?;
        if !stored.is_some_and(|project| project.exists()) {
            gone.insert(project);
        }
    }
    files.retain(|LatestVersion(file)| {
        file.id.project().is_none_or(|project| !gone.contains(&project))
    });
    Ok(())
}
