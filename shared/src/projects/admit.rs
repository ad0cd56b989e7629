//! Whether a caller may do something in a project.

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

/// Admits the caller to the project's organization, and finds the project; reads the rows `also` on the
/// way. One read, as [`admit::admit`], whose errors it has; [`Error::NotFound`] of a project that doesn't
/// exist (any more) in an organization that the caller belongs to.
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

/// Where files lie that a caller names by an organization, and by a project of it or none.
///
/// [`Error::InvalidField`] (of `project_id`) of a project of another organization, where the caller belongs
/// to both; [`Error::NotFound`] and [`Error::NoAccess`] otherwise.
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
            Err(Error::invalid_field("project_id", "a project of org_id"))
        }
    }
}

/// A caller who may work with files, and where.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) admitted: Admitted,
    pub(crate) place: Place,
    /// The rows that were asked for.
    pub(crate) found: BatchResult,
}

/// Where files lie, as it was read.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In that project.
    Project(Box<Project>),
    /// In that organization itself.
    Organization(Box<Organization>),
}

/// The same for what lies in a project, or in an organization itself.
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
    /// [`Error::ProjectCopying`] while files are being copied into it.
    pub(crate) fn is_whole(&self) -> Result<()> {
        match self {
            Self::Project(project) => project.is_whole(),
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
    /// project as [`Project::touch`].
    pub(crate) fn touch(&self, tx: &mut Tx<'_>, now: Timestamp, more_files: i64) -> Result<()> {
        match self {
            Self::Project(project) => project.touch(tx, now, more_files),
            Self::Organization(organization) => organization.stays(tx),
        }
    }
}
