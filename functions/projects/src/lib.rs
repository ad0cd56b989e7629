//! Projects, their briefs, artifacts and runs.

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

use axum::{Extension, Router};
use shared::content::Contents;
use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes, with the contents of artifacts. Only this function and the worker link S3.
pub fn routes(contents: Contents) -> Router<Context> {
    router().split_for_parts().0.layer(Extension(contents))
}

/// What the function's routes are; [`routes`] makes them work.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_projects, create::create_project))
        .routes(routes!(read::read_project, change::change_project, delete::delete_project))
        .routes(routes!(read_brief::read_brief, write_brief::write_brief))
        .routes(routes!(reports::list_reports))
        .routes(routes!(fork::fork_project))
        .routes(routes!(artifacts::list::list_artifacts, artifacts::upload::upload_artifact))
        .routes(routes!(artifacts::read::read_artifact, artifacts::delete::delete_artifact))
        .routes(routes!(artifacts::versions::list_artifact_versions))
        .routes(routes!(artifacts::complete::complete_artifact))
        .routes(routes!(runs::list::list_runs, runs::start::start_run))
        .routes(routes!(runs::read::read_run, runs::finish::finish_run))
}
