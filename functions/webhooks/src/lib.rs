//! The Lambda function for webhooks from Stripe.

mod stripe;

use axum::{Extension, Router};
use shared::context::Context;
use shared::stripe::Stripe;

/// Returns the function's routes with the client of Stripe as an extension. Only the functions `billing`,
/// `webhooks` and `worker` link Stripe.
pub fn routes(stripe: Stripe) -> Router<Context> {
    router().layer(Extension(stripe))
}

shared::routes! {
    /// Returns the routes without the extension.
    fn router() -> Router<Context>;

    POST "/v1/webhooks/stripe" => stripe::receive_stripe_event;
}
