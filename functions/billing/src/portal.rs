//! `POST /v1/clients/{client_id}/portal`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::destination::Destination;
use shared::billing::hosted_page::HostedPageRequest;
use shared::billing::portal::{Portal, portal};
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
#[schema(as = OpenPortal)]
pub(crate) struct Request {
    /// An address on a site of ours.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    return_url: String,
}

impl Request {
    fn parse(self, config: &Config) -> Result<Destination> {
        Destination::parse("return_url", &self.return_url, config)
    }
}

/// Open the billing portal
///
/// For the client's owner: a page at Stripe on which the plan is changed or cancelled, cards are added and
/// removed, and invoices are to be had.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/portal",
    tag = "Billing",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = Portal, description = "Where to go"),
        (status = 400, body = ErrorBody, description = "`MISSING_RETURN_URL`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        BillingErrors,
    )
)]
pub(crate) async fn open_portal(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: back, idempotency_key } =
        input.parse(|body| body.parse(&ctx.config)).await?;
    let request = HostedPageRequest {
        caller: &caller,
        organization_id: &organization_id,
        idempotency_key: &idempotency_key,
    };
    Ok(idempotent_response(portal(&ctx, &stripe, request, &back).await?))
}
