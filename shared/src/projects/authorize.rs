//! Authorization: decides whether a caller may do something in a project.

use super::Project;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{BatchResult, Key, Tx};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId};
use crate::keys;
use crate::organizations::Organization;
use crate::organizations::authorize::{self, Authorized};
use crate::organizations::rights::Right;
use crate::values::ArtifactScope;

/// Authorizes the caller for a right in the project's organization, and returns the project together
/// with the rows of the keys in `extra_keys`. Costs one read, like [`authorize::authorize`].
///
/// # Errors
///
/// * [`Error::NotFound`] if the project does not exist or is deleted.
/// * [`Error::NoAccess`] if the caller lacks the right in the project's organization.
/// * The credential errors of [`authorize::authorize`].
pub async fn authorize_project(
    ctx: &Context,
    caller: &Caller,
    project: &ProjectId,
    right: Right,
    extra_keys: &[Key],
) -> Result<(Authorized, Project, BatchResult)> {
    let key = keys::project(project);
    let wanted: Vec<_> = [&key].into_iter().chain(extra_keys).cloned().collect();
    let organization = project.organization();
    let (authorized, found) =
        authorize::authorize(ctx, caller, &organization, right, &wanted).await?;
    let stored: Option<Project> = found.read(&key)?;
    let project = stored.filter(Project::exists).ok_or(Error::NotFound)?;
    Ok((authorized, project, found))
}

/// Returns the scope of files that a request names by an organization and, optionally, by one of
/// its projects.
///
/// # Errors
///
/// * [`Error::InvalidField`] for `project_id` if the project belongs to another organization of the
///   caller's.
/// * [`Error::NotFound`] or [`Error::NoAccess`] if the caller lacks the right in one of the two.
pub async fn resolve_scope(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    project: Option<ProjectId>,
    right: Right,
) -> Result<ArtifactScope> {
    match project {
        None => Ok(ArtifactScope::Organization(organization_id.clone())),
        Some(project) if project.organization() == *organization_id => {
            Ok(ArtifactScope::Project(project))
        }
        Some(project) => {
            authorize_project(ctx, caller, &project, right, &[]).await?;
            authorize::authorize(ctx, caller, organization_id, right, &[]).await?;
            Err(Error::invalid_field("project_id", "must be a project of org_id"))
        }
    }
}

/// A caller who may work with the files of a scope.
#[derive(Debug)]
pub(crate) struct AuthorizedScope {
    pub(crate) authorized: Authorized,
    pub(crate) loaded: LoadedScope,
    /// The rows of the requested keys.
    pub(crate) found: BatchResult,
}

/// A scope of files, as it was read.
#[derive(Clone, Debug)]
pub(crate) enum LoadedScope {
    /// The files of a project.
    Project(Box<Project>),
    /// The files of an organization that belong to no project.
    Organization(Box<Organization>),
}

/// Authorizes the caller for a right to the files of a project, or of an organization itself.
///
/// # Errors
///
/// * [`Error::NotFound`] if the project or organization does not exist.
/// * [`Error::NoAccess`] if the caller lacks the right in the organization.
pub(crate) async fn authorize_scope(
    ctx: &Context,
    caller: &Caller,
    scope: &ArtifactScope,
    right: Right,
    extra_keys: &[Key],
) -> Result<AuthorizedScope> {
    match scope {
        ArtifactScope::Project(project) => {
            let (authorized, project, found) =
                authorize_project(ctx, caller, project, right, extra_keys).await?;
            Ok(AuthorizedScope {
                authorized,
                loaded: LoadedScope::Project(Box::new(project)),
                found,
            })
        }
        ArtifactScope::Organization(organization) => {
            let (authorized, found) =
                authorize::authorize(ctx, caller, organization, right, extra_keys).await?;
            let loaded = LoadedScope::Organization(Box::new(authorized.organization.clone()));
            Ok(AuthorizedScope { authorized, loaded, found })
        }
    }
}

impl LoadedScope {
    /// Refuses a change while files are being copied into the project.
    ///
    /// # Errors
    ///
    /// * [`Error::ProjectCopying`] if the copying has not finished.
    pub(crate) fn require_not_copying(&self) -> Result<()> {
        match self {
            Self::Project(project) => project.require_not_copying(),
            Self::Organization(_) => Ok(()),
        }
    }

    /// Returns whether a fork of the project is being copied.
    pub(crate) fn is_being_copied(&self) -> bool {
        match self {
            Self::Project(project) => project.copies > 0,
            Self::Organization(_) => false,
        }
    }

    /// Returns how often the project has been forked.
    pub(crate) fn forks(&self) -> u32 {
        match self {
            Self::Project(project) => project.forks,
            Self::Organization(_) => 0,
        }
    }

    /// Records a change of the scope's files in `tx`, as [`Project::record_change`] does for a project.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if the project or organization was deleted since it was
    ///   read.
    pub(crate) fn record_change(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        more_files: i64,
    ) -> Result<()> {
        match self {
            Self::Project(project) => project.record_change(tx, now, more_files),
            Self::Organization(organization) => organization.require_exists(tx),
        }
    }
}
