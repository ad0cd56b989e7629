//! Where Stripe's webhooks will be served. No route yet, so every request is answered 404.

use utoipa_axum::router::OpenApiRouter;

/// The function's routes: none so far.
pub fn router() -> OpenApiRouter {
    OpenApiRouter::new()
}
