//! The Lambda function for plans, credits, subscriptions, invoices and cards.

mod checkout;
mod credits;
mod default_payment_method;
mod hosted_page;
mod invoice_pdf;
mod invoices;
mod payment_methods;
mod plan_change;
mod plan_change_preview;
mod plans;
mod portal;
mod remove_payment_method;
mod set_up_card;
mod spend_credits;
mod subscription;
mod subscription_cancel;
mod subscription_resume;
mod top_up;
mod transactions;

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

    GET "/v1/plans" => plans::list_plans;
    GET "/v1/clients/{client_id}/subscription" => subscription::read_subscription;
    POST "/v1/clients/{client_id}/subscription/checkout" => checkout::begin_subscription;
    GET "/v1/clients/{client_id}/subscription/change" => plan_change_preview::preview_change;
    POST "/v1/clients/{client_id}/subscription/change" => plan_change::change_subscription;
    POST "/v1/clients/{client_id}/subscription/cancel" => subscription_cancel::cancel_subscription;
    POST "/v1/clients/{client_id}/subscription/resume" => subscription_resume::resume_subscription;
    GET "/v1/clients/{client_id}/credits" => credits::read_credits;
    GET "/v1/clients/{client_id}/credits/transactions" => transactions::list_transactions;
    POST "/v1/clients/{client_id}/credits/topup" => top_up::buy_credits;
    POST "/v1/clients/{client_id}/usage" => spend_credits::spend_credits;
    POST "/v1/clients/{client_id}/portal" => portal::open_portal;
    GET "/v1/clients/{client_id}/payment-methods" => payment_methods::list_payment_methods;
    POST "/v1/clients/{client_id}/payment-methods/setup" => set_up_card::add_payment_method;
    DELETE "/v1/clients/{client_id}/payment-methods/{payment_method_id}" => remove_payment_method::remove_payment_method;
    POST "/v1/clients/{client_id}/payment-methods/{payment_method_id}/default" => default_payment_method::set_default_payment_method;
    GET "/v1/clients/{client_id}/invoices" => invoices::list_invoices;
    GET "/v1/clients/{client_id}/invoices/{invoice_id}/pdf" => invoice_pdf::read_invoice_pdf;
}
