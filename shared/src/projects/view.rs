//! A project as it is shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Project;
use crate::clock::Timestamp;

/// A project as those who may have it see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Project)]
pub struct ProjectView {
    /// Opaque id.
    #[schema(example = "proj_c5h66p35cpjmgqbaddm6qrjfe1j5iec0j9gs7s04ro")]
    id: String,
    /// The client that it belongs to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    org_id: String,
    /// What it is called; no other project of the client is.
    #[schema(example = "Churn analysis")]
    name: String,
    /// What it is about; null when nobody has said.
    #[schema(required, example = "Q3 churn model")]
    description: Option<String>,
    /// When it was made.
    created_at: Timestamp,
    /// When it, its brief or its artifacts were last changed.
    updated_at: Timestamp,
    /// Of a fork: the project that it was copied from. Other projects don't have the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    forked_from_id: Option<String>,
    /// Of a fork: whether its artifacts are still being copied. Other projects don't have the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<ForkStatus>,
}

/// How far a fork has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ForkStatus {
    /// Artifacts are being copied into it; until that is done they can't be changed, nor can the brief.
    Copying,
    /// All is there.
    Ready,
}

impl From<&Project> for ProjectView {
    fn from(project: &Project) -> Self {
        let status = project.copying.as_ref().map_or(ForkStatus::Ready, |_| ForkStatus::Copying);
        let origin = project.forked_from_id.as_ref();
        Self {
            id: project.id.to_string(),
            org_id: project.id.client().to_string(),
            name: project.name.to_string(),
            description: project.description.as_ref().map(|text| text.as_str().to_owned()),
            created_at: project.created_at,
            updated_at: project.updated_at,
            forked_from_id: origin.map(ToString::to_string),
            status: origin.map(|_| status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{OrganizationId, ProjectId};
    use crate::projects::Copying;
    use crate::random::SystemRandom;
    use crate::values::Name;

    #[test]
    fn only_a_fork_tells_where_it_comes_from_and_how_far_it_is() {
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
        let copying = Some(Copying { forks: 0, after: None, settled: false });
        assert_eq!(shown(&Project { copying, ..fork })["status"], "copying");
    }
}
