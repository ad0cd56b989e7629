//! `POST /v1/clients/{client_id}/subscription/checkout`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::hosted_pages::checkout::{CheckoutParams, create_checkout};
use shared::billing::hosted_pages::{CheckoutSession, ReturnUrl};
use shared::config::Config;
use shared::context::Context;
use shared::error::Result;
use shared::http::openapi::StripeChangeErrors;
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, ErrorBody, idempotent_response, require_not_blank};
use shared::stripe::Stripe;
use shared::values::EmailAddress;
use utoipa::ToSchema;

use crate::hosted_page::HostedPageInput;

/// Parameters for subscribing to a plan.
#[derive(Deserialize, ToSchema)]
#[schema(as = BeginSubscription)]
pub(crate) struct Request {
    /// The `price_id` of a plan, from `GET /v1/plans`.
    #[schema(example = "price_1PgafmB7WZ01zgkW6dKueIc5")]
    price_id: String,
    /// The URL that Stripe redirects to after the payment, on an allowed site. Stripe replaces
    /// `{CHECKOUT_SESSION_ID}` with the session's id.
    #[schema(example = "https://aius.co/billing?session={CHECKOUT_SESSION_ID}", max_length = 2000)]
    success_url: String,
    /// The URL that Stripe redirects to after a cancellation, on an allowed site.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    cancel_url: String,
    /// The email address for invoices, used when the organization becomes a customer at Stripe.
    /// Without it, the owner's.
    #[schema(example = "billing@example.com")]
    customer_email: Option<String>,
}

impl Request {
    fn parse(self, config: &Config) -> Result<CheckoutParams> {
        require_not_blank("price_id", &self.price_id)?;
        let email = self.customer_email.as_deref().map(EmailAddress::parse).transpose()?;
        Ok(CheckoutParams {
            price: self.price_id,
            success: ReturnUrl::parse("success_url", &self.success_url, config)?,
            cancel: ReturnUrl::parse("cancel_url", &self.cancel_url, config)?,
            email,
        })
    }
}

/// Subscribe to a plan
///
/// Creates a checkout session at Stripe; redirect the browser to its `checkout_url`. Closes an
/// earlier session that was not paid. Only the owner may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/subscription/checkout",
    tag = "Billing",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = CheckoutSession, description = "The checkout session was created"),
        (status = 400, body = ErrorBody, description = "`MISSING_PRICE_ID`, `MISSING_SUCCESS_URL`, `MISSING_CANCEL_URL`, `INVALID_EMAIL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 409, body = ErrorBody, description = "`ALREADY_SUBSCRIBED`: change the plan of the subscription; \
            `IDEMPOTENCY_CONFLICT`: use a new key"),
        StripeChangeErrors,
    )
)]
pub(crate) async fn begin_subscription(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    input: HostedPageInput<Request>,
) -> http::Result<Response> {
    let call = input.parse(|body| body.parse(&ctx.config)).await?;
    let created = create_checkout(&ctx, &stripe, call.request(), &call.params).await?;
    Ok(idempotent_response(created))
}
