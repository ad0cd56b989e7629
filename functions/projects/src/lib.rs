//! The Lambda function for projects with their briefs, artifacts and runs.

mod artifacts;
mod change;
mod create;
mod delete;
mod fork;
mod list;
mod read;
mod read_brief;
mod reports;
mod runs;
mod write_brief;

use axum::Extension;
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::http::Routes;

/// Returns the function's routes, with the blob store as an extension. Only this function and the
/// worker link S3.
pub fn routes(blobs: BlobStore) -> Routes<Context> {
    without_layers().layer(move |router| router.layer(Extension(blobs.clone())))
}

shared::routes! {
    /// Returns the routes without the extension.
    fn without_layers() -> Routes<Context>;

    GET "/v1/projects" => list::list_projects;
    POST "/v1/projects" => create::create_project;
    GET "/v1/projects/{project_id}" => read::read_project;
    PATCH "/v1/projects/{project_id}" => change::change_project;
    DELETE "/v1/projects/{project_id}" => delete::delete_project;
    GET "/v1/projects/{project_id}/brief" => read_brief::read_brief;
    PUT "/v1/projects/{project_id}/brief" => write_brief::write_brief;
    GET "/v1/projects/{project_id}/reports" => reports::list_reports;
    POST "/v1/projects/{project_id}/fork" => fork::fork_project;
    GET "/v1/artifacts" => artifacts::list::list_artifacts;
    POST "/v1/artifacts" => artifacts::upload::upload_artifact;
    GET "/v1/artifacts/{artifact_id}" => artifacts::read::read_artifact;
    DELETE "/v1/artifacts/{artifact_id}" => artifacts::delete::delete_artifact;
    GET "/v1/artifacts/{artifact_id}/versions" => artifacts::versions::list_artifact_versions;
    POST "/v1/artifacts/{artifact_id}/complete" => artifacts::complete::complete_artifact;
    GET "/v1/projects/{project_id}/runs" => runs::list::list_runs;
    POST "/v1/projects/{project_id}/runs" => runs::start::start_run;
    GET "/v1/runs/{run_id}" => runs::read::read_run;
    PATCH "/v1/runs/{run_id}" => runs::finish::finish_run;
}
