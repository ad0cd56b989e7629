//! `POST /v1/clients/{client_id}/payment-methods/setup`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::hosted_pages::set_up_card::{CardSetupParams, set_up_card};
use shared::billing::hosted_pages::{CheckoutSession, ReturnUrl};
use shared::config::Config;
use shared::context::Context;
use shared::error::Result;
use shared::http::openapi::StripeChangeErrors;
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, ErrorBody, idempotent_response};
use shared::stripe::Stripe;
use utoipa::ToSchema;

use crate::hosted_page::HostedPageInput;

/// Parameters for adding a card.
#[derive(Deserialize, ToSchema)]
#[schema(as = AddPaymentMethod)]
pub(crate) struct Request {
    /// The URL that Stripe redirects to after the card was saved, on an allowed site.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    success_url: String,
    /// The URL that Stripe redirects to after a cancellation, on an allowed site.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    cancel_url: String,
}

impl Request {
    fn parse(self, config: &Config) -> Result<CardSetupParams> {
        Ok(CardSetupParams {
            success: ReturnUrl::parse("success_url", &self.success_url, config)?,
            cancel: ReturnUrl::parse("cancel_url", &self.cancel_url, config)?,
        })
    }
}

/// Add a card
///
/// Creates a checkout session at Stripe that saves a card; redirect the browser to its
/// `checkout_url`. Nothing is charged, and the default payment method stays; choose another at
/// `POST /v1/clients/{client_id}/payment-methods/{payment_method_id}/default`. Only the owner may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/payment-methods/setup",
    tag = "Billing",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = CheckoutSession, description = "The checkout session was created"),
        (status = 400, body = ErrorBody, description = "`MISSING_SUCCESS_URL`, `MISSING_CANCEL_URL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        StripeChangeErrors,
    )
)]
pub(crate) async fn add_payment_method(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    input: HostedPageInput<Request>,
) -> http::Result<Response> {
    let call = input.parse(|body| body.parse(&ctx.config)).await?;
    let created = set_up_card(&ctx, &stripe, call.request(), &call.params).await?;
    Ok(idempotent_response(created))
}
