//! `POST /v1/clients/{client_id}/payment-methods/setup`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::checkout::Departure;
use shared::billing::destination::Destination;
use shared::billing::hosted_page::HostedPageRequest;
use shared::billing::set_up_card::set_up_card;
use shared::config::Config;
use shared::context::Context;
use shared::credentials::Caller;
use shared::error::Result;
use shared::http::openapi::{BillingErrors, BodyErrors, OrganizationErrors};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody, idempotent_response};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;
use utoipa::ToSchema;

/// Where people come back to.
#[derive(Deserialize, ToSchema)]
#[schema(as = AddPaymentMethod)]
pub(crate) struct Request {
    /// Who are done: an address on a site of ours.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    success_url: String,
    /// Who turn back: an address on a site of ours.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    cancel_url: String,
}

impl Request {
    fn parse(self, config: &Config) -> Result<(Destination, Destination)> {
        let success = Destination::parse("success_url", &self.success_url, config)?;
        Ok((success, Destination::parse("cancel_url", &self.cancel_url, config)?))
    }
}

/// Add a card
///
/// For the client's owner: a page at Stripe to leave it on. Nothing is paid, and invoices are paid with what they
/// were before: the portal changes that.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/payment-methods/setup",
    tag = "Billing",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = Departure, description = "Where to go"),
        (status = 400, body = ErrorBody, description = "`MISSING_SUCCESS_URL`, `MISSING_CANCEL_URL`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        BillingErrors,
    )
)]
pub(crate) async fn add_payment_method(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body, idempotency_key } =
        input.parse(|body| body.parse(&ctx.config)).await?;
    let (success, cancel) = body;
    let request = HostedPageRequest {
        caller: &caller,
        organization_id: &organization_id,
        idempotency_key: &idempotency_key,
    };
    Ok(idempotent_response(set_up_card(&ctx, &stripe, request, &success, &cancel).await?))
}
