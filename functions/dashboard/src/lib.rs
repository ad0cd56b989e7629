//! What belongs to no resource: health, the OpenAPI document, its page, and unknown paths.

mod docs;
mod document;
mod health;
mod unknown;

use axum::routing::any;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use document::OPENAPI;

/// The function's routes. What the gateway has no route for ends here too.
pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(document::openapi))
        .routes(routes!(docs::docs))
        .route("/", any(unknown::unknown))
        .route("/{*path}", any(unknown::unknown))
}
