//! A run as the API shows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Run, RunKind, RunStatus};
use crate::clock::Timestamp;

/// A run of a project.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Run)]
pub struct RunView {
    /// Opaque id.
    #[schema(example = "run_c5h66p35cpjmgqbadhjn8s3dehmq6bbkf1kmdogn50ojae1l5pq0")]
    id: String,
    /// The client that the project belongs to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    org_id: String,
    /// The project.
    #[schema(example = "proj_c5h66p35cpjmgqbadhjn8s3dehmq6bbkf1kmdogn50")]
    project_id: String,
    /// What began it: somebody, or a schedule.
    kind: RunKind,
    /// The name.
    #[schema(example = "Nightly tests")]
    name: String,
    /// How far it is. What has ended stays as it is.
    status: RunStatus,
    /// What is said of it; null while it goes on.
    #[schema(required, example = "3 of 40 tests failed")]
    summary: Option<String>,
    /// When it began.
    created_at: Timestamp,
    /// When it ended; null while it goes on.
    #[schema(required)]
    finished_at: Option<Timestamp>,
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        Self {
            id: run.id.to_string(),
            org_id: run.id.client().to_string(),
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
