//! `POST /v1/clients/{client_id}/credits/topup`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::hosted_pages::top_up::{TopUpParams, create_top_up};
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

/// Parameters for buying credits.
#[derive(Deserialize, ToSchema)]
#[schema(as = BuyCredits)]
pub(crate) struct Request {
    /// The number of credits to buy, without decimal places. One credit costs one US cent.
    #[schema(example = 1000, minimum = 500, maximum = 1_000_000)]
    credits: i64,
    /// The URL that Stripe redirects to after the payment, on an allowed site.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    success_url: String,
    /// The URL that Stripe redirects to after a cancellation, on an allowed site.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    cancel_url: String,
}

impl Request {
    fn parse(self, config: &Config) -> Result<TopUpParams> {
        Ok(TopUpParams {
            credits: TopUpParams::parse_credits(self.credits)?,
            success: ReturnUrl::parse("success_url", &self.success_url, config)?,
            cancel: ReturnUrl::parse("cancel_url", &self.cancel_url, config)?,
        })
    }
}

/// Buy credits
///
/// Creates a checkout session at Stripe; redirect the browser to its `checkout_url`. The credits
/// are added once the payment has succeeded, and do not expire. Only the owner may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/credits/topup",
    tag = "Billing",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = CheckoutSession, description = "The checkout session was created"),
        (status = 400, body = ErrorBody, description = "`MISSING_CREDITS`, `MISSING_SUCCESS_URL`, `MISSING_CANCEL_URL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        StripeChangeErrors,
    )
)]
pub(crate) async fn buy_credits(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    input: HostedPageInput<Request>,
) -> http::Result<Response> {
    let call = input.parse(|body| body.parse(&ctx.config)).await?;
    let created = create_top_up(&ctx, &stripe, call.request(), &call.params).await?;
    Ok(idempotent_response(created))
}
