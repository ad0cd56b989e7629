//! Authorization: decides whether a caller may do something in a project.

use super::Project;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{BatchResult, Key, Tx};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId};
use crate::keys;
use crate::organizations::Organization;
use crate::organizations::admit::{self, Admitted};
use crate::organizations::rights::Right;
use crate::requester::Requester;
use crate::values::ArtifactScope;

/// Authorizes the caller in the project's organization, and returns the project together with the
/// rows of the keys in `also`. Costs one read, like [`admit::admit`].
///
/// # Errors
///
/// * [`Error::NotFound`] if the project does not exist or is deleted.
/// * [`Error::NoAccess`] if the caller may not work in the project's organization.
/// * The credential errors of [`admit::admit`].
pub async fn admit(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    project: &ProjectId,
    also: &[Key],
) -> Result<(Admitted, Project, BatchResult)> {
    let key = keys::project(project);
    let wanted: Vec<_> = [&key].into_iter().chain(also).cloned().collect();
    let organization = project.client();
    let (admitted, found) =
        admit::admit(ctx, requester, credential, &organization, Right::Work, &wanted).await?;
    let stored: Option<Project> = found.read(&key)?;
    let project = stored.filter(Project::exists).ok_or(Error::NotFound)?;
    Ok((admitted, project, found))
}

/// Returns the scope of files that a request names by an organization and, optionally, by one of
/// its projects.
///
/// # Errors
///
/// * [`Error::InvalidField`] for `project_id` if the project belongs to another organization of the
///   caller's.
/// * [`Error::NotFound`] or [`Error::NoAccess`] if the caller may not work in one of the two.
pub async fn shelf(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    organization_id: &OrganizationId,
    project: Option<ProjectId>,
) -> Result<ArtifactScope> {
    match project {
        None => Ok(ArtifactScope::Organization(organization_id.clone())),
        Some(project) if project.client() == *organization_id => {
            Ok(ArtifactScope::Project(project))
        }
        Some(project) => {
            admit(ctx, requester, credential, &project, &[]).await?;
            admit::admit(ctx, requester, credential, organization_id, Right::Work, &[]).await?;
            Err(Error::invalid_field("project_id", "must be a project of org_id"))
        }
    }
}

/// A caller who may work with the files of a scope.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) admitted: Admitted,
    pub(crate) place: Place,
    /// The rows of the requested keys.
    pub(crate) found: BatchResult,
}

/// A scope of files, as it was read.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The files of a project.
    Project(Box<Project>),
    /// The files of an organization that belong to no project.
    Organization(Box<Organization>),
}

/// Authorizes the caller for the files of a project, or of an organization itself.
///
/// # Errors
///
/// * [`Error::NotFound`] if the project or organization does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
pub(crate) async fn admit_to_shelf(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    shelf: &ArtifactScope,
    also: &[Key],
) -> Result<Admission> {
    match shelf {
        ArtifactScope::Project(project) => {
            let (admitted, project, found) =
                admit(ctx, requester, credential, project, also).await?;
            Ok(Admission { admitted, place: Place::Project(Box::new(project)), found })
        }
        ArtifactScope::Organization(organization) => {
            let (admitted, found) =
                admit::admit(ctx, requester, credential, organization, Right::Work, also).await?;
            let place = Place::Organization(Box::new(admitted.organization.clone()));
            Ok(Admission { admitted, place, found })
        }
    }
}

impl Place {
    /// Refuses a change while files are being copied into the project.
    ///
    /// # Errors
    ///
    /// * [`Error::ProjectCopying`] if the copying has not finished.
    pub(crate) fn is_whole(&self) -> Result<()> {
        match self {
            Self::Project(project) => project.is_whole(),
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

    /// Records a change of the scope's files in `tx`, as [`Project::touch`] does for a project.
    ///
    /// # Errors
    ///
    /// * [`Error::Conflict`] on commit if the project or organization was deleted since it was
    ///   read.
    pub(crate) fn touch(&self, tx: &mut Tx<'_>, now: Timestamp, more_files: i64) -> Result<()> {
        match self {
            Self::Project(project) => project.touch(tx, now, more_files),
            Self::Organization(organization) => organization.stays(tx),
        }
    }
}
