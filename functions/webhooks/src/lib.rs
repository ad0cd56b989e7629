//! The Lambda function for webhooks from Stripe.

mod stripe;

use axum::Extension;
use shared::context::Context;
use shared::http::Routes;
use shared::stripe::Stripe;

/// Returns the function's routes with the client of Stripe as an extension. It is not part of [`Context`], so that
/// functions that do not need Stripe do not link it.
pub fn routes(stripe: Stripe) -> Routes<Context> {
    without_layers().layer(move |router| router.layer(Extension(stripe.clone())))
}

shared::routes! {
    /// Returns the routes without the extension.
    fn without_layers() -> Routes<Context>;

    POST "/v1/webhooks/stripe" => stripe::receive_stripe_event;
}
