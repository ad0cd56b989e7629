//! API representation of a run.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Run, RunKind, RunStatus};
use crate::clock::Timestamp;

/// One execution of a project's work, outside of this service, as it was reported.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Run)]
pub struct RunView {
    /// The id of the run, an opaque string.
    #[schema(example = "run_c5h66p35cpjmgqbadhjn8s3dehmq6bbkf1kmdogn50ojae1l5pq0")]
    pub id: String,
    /// The organization that the project belongs to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub org_id: String,
    /// The id of the project that the run belongs to.
    #[schema(example = "proj_c5h66p35cpjmgqbadhjn8s3dehmq6bbkf1kmdogn50")]
    pub project_id: String,
    /// How the run was started: by a person or by a schedule.
    pub kind: RunKind,
    /// The name of the run.
    #[schema(example = "Nightly tests")]
    pub name: String,
    /// The run's status. It is final once the run has ended.
    pub status: RunStatus,
    /// The summary; null while the run has not ended.
    #[schema(required, example = "3 of 40 tests failed")]
    pub summary: Option<String>,
    /// The time at which the run started.
    pub created_at: Timestamp,
    /// When the run ended; null before that.
    #[schema(required)]
    pub finished_at: Option<Timestamp>,
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        Self {
            id: run.id.to_string(),
            org_id: run.id.organization().to_string(),
            project_id: run.id.project().to_string(),
            kind: run.kind,
            name: run.name.to_string(),
            status: run.status,
            summary: run.summary.as_ref().map(|summary| summary.as_str().to_owned()),
            created_at: run.created_at,
            finished_at: run.finished_at,
        }
    }
}
