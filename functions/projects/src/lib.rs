//! Projects, their briefs, artifacts and runs.

use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;

/// The function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
}
