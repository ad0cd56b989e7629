//! `/v1/projects/{project_id}/runs` and `/v1/runs`

pub(crate) mod finish;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod start;
