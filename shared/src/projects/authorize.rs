//! Whether a caller may do something in a project.

use super::{Project, Shelf};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Found, Key, Tx, keys};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId};
use crate::organizations::Organization;
use crate::organizations::authorize::{self, Authorized};
use crate::organizations::rights::Right;

/// Admits the caller to the project's organization, and finds the project; reads the rows `also` on the
/// way. One read, as [`authorize::authorize`], whose errors it has; [`Error::NotFound`] of a project that doesn't
/// exist (any more) in an organization that the caller belongs to.
pub async fn authorize_project(
    ctx: &Context,
    caller: &Caller,
    project: &ProjectId,
    also: &[Key],
) -> Result<(Authorized, Project, Found)> {
    let key = keys::project(project);
    let wanted: Vec<_> = [&key].into_iter().chain(also).cloned().collect();
    let organization = project.client();
    let (authorized, found) =
        authorize::authorize(ctx, caller, &organization, Right::Work, &wanted).await?;
    let stored: Option<Project> = found.read(&key)?;
    let project = stored.filter(Project::exists).ok_or(Error::NotFound)?;
    Ok((authorized, project, found))
}

/// Where files lie that a caller names by an organization, and by a project of it or none.
///
/// [`Error::InvalidField`] (of `project_id`) of a project of another organization, where the caller belongs
/// to both; [`Error::NotFound`] and [`Error::NoAccess`] otherwise.
pub async fn resolve_scope(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    project: Option<ProjectId>,
) -> Result<Shelf> {
    match project {
        None => Ok(Shelf::Organization(organization_id.clone())),
        Some(project) if project.client() == *organization_id => Ok(Shelf::Project(project)),
        Some(project) => {
            authorize_project(ctx, caller, &project, &[]).await?;
            authorize::authorize(ctx, caller, organization_id, Right::Work, &[]).await?;
            Err(Error::invalid_field("project_id", "a project of org_id"))
        }
    }
}

/// A caller who may work with files, and where.
#[derive(Debug)]
pub(crate) struct AuthorizedScope {
    pub(crate) authorized: Authorized,
    pub(crate) scope: LoadedScope,
    /// The rows that were asked for.
    pub(crate) found: Found,
}

/// Where files lie, as it was read.
#[derive(Clone, Debug)]
pub(crate) enum LoadedScope {
    /// In that project.
    Project(Box<Project>),
    /// In that organization itself.
    Organization(Box<Organization>),
}

/// The same for what lies in a project, or in an organization itself.
pub(crate) async fn authorize_scope(
    ctx: &Context,
    caller: &Caller,
    shelf: &Shelf,
    also: &[Key],
) -> Result<AuthorizedScope> {
    match shelf {
        Shelf::Project(project) => {
            let (authorized, project, found) =
                authorize_project(ctx, caller, project, also).await?;
            Ok(AuthorizedScope {
                authorized,
                scope: LoadedScope::Project(Box::new(project)),
                found,
            })
        }
        Shelf::Organization(organization) => {
            let (authorized, found) =
                authorize::authorize(ctx, caller, organization, Right::Work, also).await?;
            let scope = LoadedScope::Organization(Box::new(authorized.organization.clone()));
            Ok(AuthorizedScope { authorized, scope, found })
        }
    }
}

impl LoadedScope {
    /// [`Error::ProjectCopying`] while files are being copied into it.
    pub(crate) fn require_not_copying(&self) -> Result<()> {
        match self {
            Self::Project(project) => project.require_not_copying(),
            Self::Organization(_) => Ok(()),
        }
    }

    /// Whether a fork of it is being copied.
    pub(crate) fn is_being_copied(&self) -> bool {
        match self {
            Self::Project(project) => project.copies > 0,
            Self::Organization(_) => false,
        }
    }

    /// How often it was forked.
    pub(crate) fn forks(&self) -> u32 {
        match self {
            Self::Project(project) => project.forks,
            Self::Organization(_) => 0,
        }
    }

    /// Adds to a change of what lies there that it still is there: [`Error::Conflict`] otherwise. Of a
    /// project as [`Project::record_change`].
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
