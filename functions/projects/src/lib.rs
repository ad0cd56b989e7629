//! Projects, artifacts and runs.

mod runs;

use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(runs::list::list_runs, runs::start::start_run))
        .routes(routes!(runs::read::read_run, runs::finish::finish_run))
}
