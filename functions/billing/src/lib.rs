//! Plans, credits, subscriptions, invoices and cards.

mod charge;
mod checkout;
mod credits;
mod invoice_pdf;
mod invoices;
mod payment_methods;
mod plans;
mod portal;
mod set_up_card;
mod subscription;
mod top_up;
mod transactions;

use axum::{Extension, Router};
use shared::context::Context;
use shared::stripe::Stripe;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The function's routes, with Stripe. Only this function, the webhooks and the worker link it.
pub fn routes(stripe: Stripe) -> Router<Context> {
    router().split_for_parts().0.layer(Extension(stripe))
}

/// What the function's routes are; [`routes`] makes them work.
pub fn router() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(plans::list_plans))
        .routes(routes!(subscription::read_subscription))
        .routes(routes!(checkout::begin_subscription))
        .routes(routes!(credits::read_credits))
        .routes(routes!(transactions::list_transactions))
        .routes(routes!(top_up::buy_credits))
        .routes(routes!(charge::charge_credits))
        .routes(routes!(portal::open_portal))
        .routes(routes!(payment_methods::list_payment_methods))
        .routes(routes!(set_up_card::add_payment_method))
        .routes(routes!(invoices::list_invoices))
        .routes(routes!(invoice_pdf::read_invoice_pdf))
}
