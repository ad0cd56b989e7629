//! The scope of artifacts.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{ArtifactId, OrganizationId, ProjectId};
use crate::random::Random;

/// The project or organization that owns an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArtifactScope {
    /// The files of one project.
    Project(ProjectId),
    /// An organization, outside all of its projects.
    Organization(OrganizationId),
}

impl ArtifactScope {
    /// Returns the scope in an artifact's id.
    pub fn of(artifact: &ArtifactId) -> Self {
        artifact
            .project()
            .map_or_else(|| Self::Organization(artifact.organization()), Self::Project)
    }

    /// Returns the organization.
    pub fn organization(&self) -> OrganizationId {
        match self {
            Self::Project(project) => project.organization(),
            Self::Organization(organization) => organization.clone(),
        }
    }

    /// Returns the project, or `None` if the organization itself is the scope.
    pub fn project(&self) -> Option<&ProjectId> {
        match self {
            Self::Project(project) => Some(project),
            Self::Organization(_) => None,
        }
    }

    /// Generates the id of a new artifact version in this scope.
    pub fn generate_artifact_id(&self, random: &dyn Random, now: Timestamp) -> ArtifactId {
        match self {
            Self::Project(project) => ArtifactId::in_project(random, now, project),
            Self::Organization(organization) => {
                ArtifactId::in_organization(random, now, organization)
            }
        }
    }
}
