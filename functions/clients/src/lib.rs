//! Organizations.

mod list;

use shared::context::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list::list_clients))
}
