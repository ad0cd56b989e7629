//! Webhooks from Stripe.

mod stripe;

use axum::{Extension, Router};
use shared::context::Context;
use shared::stripe::Stripe;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes, with Stripe, which is asked how things stand.
pub fn routes(stripe: Stripe) -> Router<Context> {
    router().split_for_parts().0.layer(Extension(stripe))
}

/// What the function's routes are; [`routes`] makes them work.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(stripe::receive_stripe_event))
}
