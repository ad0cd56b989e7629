//! The place that an artifact belongs to.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{ArtifactId, OrganizationId, ProjectId};
use crate::random::Random;

/// The place that an artifact belongs to: a project, or an organization itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArtifactScope {
    /// A project.
    Project(ProjectId),
    /// An organization, outside all of its projects.
    Organization(OrganizationId),
}

impl ArtifactScope {
    /// The scope that an artifact's id names.
    pub fn of(artifact: &ArtifactId) -> Self {
        artifact.project().map_or_else(|| Self::Organization(artifact.client()), Self::Project)
    }

    /// The organization.
    pub fn client(&self) -> OrganizationId {
        match self {
            Self::Project(project) => project.client(),
            Self::Organization(organization) => organization.clone(),
        }
    }

    /// The project, if the scope is one.
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
            Self::Organization(organization) => ArtifactId::in_client(random, now, organization),
        }
    }
}
