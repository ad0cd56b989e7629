//! What belongs to no resource: health, the OpenAPI document, its page, and unknown paths.

mod accept_invitation;
mod docs;
mod document;
mod health;
mod page;
mod undo_email;
mod unknown;

use axum::routing::{any, get};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use document::OPENAPI;

/// The function's routes; its own three also stand at the root, where monitors and people look for
/// them. What the gateway has no route for ends here too.
pub fn router() -> OpenApiRouter {
    let (schemas, paths, page) = routes!(undo_email::undo_email_page);
    let (more, path, accept) = routes!(accept_invitation::accept_invitation_page);
    OpenApiRouter::new()
        .routes(routes!(health::health))
        .routes(routes!(document::openapi))
        .routes(routes!(docs::docs))
        // Their other methods are other functions'.
        .routes((schemas, paths, page.fallback(unknown::unknown)))
        .routes((more, path, accept.fallback(unknown::unknown)))
        .route("/health", get(health::health))
        .route("/openapi.json", get(document::openapi))
        .route("/docs", get(docs::docs))
        .route("/", any(unknown::unknown))
        .route("/{*path}", any(unknown::unknown))
}
