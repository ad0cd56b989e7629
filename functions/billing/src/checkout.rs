//! `POST /v1/clients/{client_id}/subscription/checkout`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::checkout::{CheckoutParams, Departure, checkout};
use shared::billing::destination::Destination;
use shared::billing::hosted_page::HostedPageRequest;
use shared::config::Config;
use shared::context::Context;
use shared::credentials::Caller;
use shared::error::Result;
use shared::http::openapi::{BillingErrors, BodyErrors, OrganizationErrors};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, CallerBody, ErrorBody, Id, IdempotentBody, idempotent_response, not_blank,
};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// What is to be subscribed to.
#[derive(Deserialize, ToSchema)]
#[schema(as = BeginSubscription)]
pub(crate) struct Request {
    /// A price that `GET /v1/plans` lists.
    #[schema(example = "price_1PgafmB7WZ01zgkW6dKueIc5")]
    price_id: String,
    /// Where Stripe sends people who are done: an address on a site of ours. `{CHECKOUT_SESSION_ID}` in it
    /// becomes the session's id.
    #[schema(example = "https://aius.co/billing?session={CHECKOUT_SESSION_ID}", max_length = 2000)]
    success_url: String,
    /// Where it sends people who turn back: an address on a site of ours.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    cancel_url: String,
    /// Where Stripe is to send invoices; asked for on its page unless given. It counts for the client's first
    /// session alone.
    #[schema(example = "billing@example.com")]
    customer_email: Option<String>,
}

impl Request {
    fn parse(self, config: &Config) -> Result<CheckoutParams> {
        not_blank("price_id", &self.price_id)?;
        let email = self.customer_email.as_deref().map(EmailAddress::parse).transpose()?;
        Ok(CheckoutParams {
            price: self.price_id,
            success: Destination::parse("success_url", &self.success_url, config)?,
            cancel: Destination::parse("cancel_url", &self.cancel_url, config)?,
            email,
        })
    }
}

/// Subscribe to a plan
///
/// For the client's owner: a page at Stripe to pay on. A page that was asked for before, and that nobody has
/// paid on, is closed. Whoever has a subscription changes it in the portal.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/subscription/checkout",
    tag = "Billing",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = Departure, description = "Where to go"),
        (status = 400, body = ErrorBody, description = "`MISSING_PRICE_ID`, `MISSING_SUCCESS_URL`, `MISSING_CANCEL_URL`, `INVALID_EMAIL`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`ALREADY_SUBSCRIBED`, `IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        BillingErrors,
    )
)]
pub(crate) async fn begin_subscription(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: params, idempotency_key } =
        input.parse(|body| body.parse(&ctx.config)).await?;
    let request = HostedPageRequest {
        caller: &caller,
        organization_id: &organization_id,
        idempotency_key: &idempotency_key,
    };
    Ok(idempotent_response(checkout(&ctx, &stripe, request, &params).await?))
}
