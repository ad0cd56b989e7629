//! API representation of a project.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Project;
use crate::clock::Timestamp;

/// A project: a brief, artifacts and runs that belong together, in one organization.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Project)]
pub struct ProjectView {
    /// The id of the project, an opaque string.
    #[schema(example = "proj_c5h66p35cpjmgqbaddm6qrjfe1j5iec0j9gs7s04ro")]
    pub id: String,
    /// The organization that the project belongs to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub org_id: String,
    /// The project's name, unique within the organization regardless of case.
    #[schema(example = "Churn analysis")]
    pub name: String,
    /// The project's description; null if it has none.
    #[schema(required, example = "Q3 churn model")]
    pub description: Option<String>,
    /// The time at which the project was created.
    pub created_at: Timestamp,
    /// When the project, its brief or its artifacts were last changed.
    pub updated_at: Timestamp,
    /// The project that this fork was copied from; absent if the project is not a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forked_from_id: Option<String>,
    /// The status of this fork; absent if the project is not a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ForkStatus>,
    /// The number of files, for pages; no part of the API.
    #[serde(skip)]
    pub files: u32,
}

/// The status of a fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ForkStatus {
    /// Artifacts are still being copied. Until that is done, artifacts and the brief cannot be changed.
    Copying,
    /// The fork is complete.
    Ready,
}

impl From<&Project> for ProjectView {
    fn from(project: &Project) -> Self {
        let status = project.copying.as_ref().map_or(ForkStatus::Ready, |_| ForkStatus::Copying);
        let origin = project.forked_from_id.as_ref();
        Self {
            id: project.id.to_string(),
            org_id: project.id.organization().to_string(),
            name: project.name.to_string(),
            description: project.description.as_ref().map(|text| text.as_str().to_owned()),
            created_at: project.created_at,
            updated_at: project.updated_at,
            forked_from_id: origin.map(ToString::to_string),
            status: origin.map(|_| status),
            files: project.files,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{OrganizationId, ProjectId};
    use crate::projects::CopyProgress;
    use crate::random::SystemRandom;
    use crate::values::Name;

    #[test]
    fn only_a_fork_shows_its_original_and_status() {
        let (organization, now) =
            (OrganizationId::generate(&SystemRandom), Timestamp::from_seconds(7));
        let id = || ProjectId::generate(&SystemRandom, now, &organization);
        let project = Project::new(id(), Name::parse("Churn").unwrap(), None, now);
        let shown = |project: &Project| serde_json::to_value(ProjectView::from(project)).unwrap();
        let plain = shown(&project);
        let mut keys: Vec<_> = plain.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["created_at", "description", "id", "name", "org_id", "updated_at"]);
        assert!(plain["description"].is_null());
        let fork = Project { forked_from_id: Some(id()), ..project };
        assert_eq!(shown(&fork)["status"], "ready");
        let origin = fork.forked_from_id.as_ref().unwrap().as_str();
        assert_eq!(shown(&fork)["forked_from_id"], origin);
        let copying = Some(CopyProgress { forks: 0, after: None, settled: false });
        assert_eq!(shown(&Project { copying, ..fork })["status"], "copying");
    }
}
