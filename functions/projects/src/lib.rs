//! Projects, their briefs, artifacts and runs.

mod change;
mod create;
mod delete;
mod list;
mod read;
mod read_brief;
mod write_brief;

use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_projects, create::create_project))
        .routes(routes!(read::read_project, change::change_project, delete::delete_project))
        .routes(routes!(read_brief::read_brief, write_brief::write_brief))
}
