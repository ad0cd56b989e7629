//! `POST /v1/clients/{client_id}/credits/topup`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::checkout::Departure;
use shared::billing::destination::Destination;
use shared::billing::hosted_page::HostedPageRequest;
use shared::billing::top_up::{TopUpParams, top_up};
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

/// How many credits are to be bought.
#[derive(Deserialize, ToSchema)]
#[schema(as = BuyCredits)]
pub(crate) struct Request {
    /// Whole ones; each costs a cent.
    #[schema(example = 1000, minimum = 500, maximum = 1_000_000)]
    credits: i64,
    /// Where Stripe sends people who are done: an address on a site of ours.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    success_url: String,
    /// Where it sends people who turn back: an address on a site of ours.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    cancel_url: String,
}

impl Request {
    fn parse(self, config: &Config) -> Result<TopUpParams> {
        Ok(TopUpParams {
            credits: TopUpParams::parse_credits(self.credits)?,
            success: Destination::parse("success_url", &self.success_url, config)?,
            cancel: Destination::parse("cancel_url", &self.cancel_url, config)?,
        })
    }
}

/// Buy credits
///
/// For the client's owner: a page at Stripe to pay on. The credits are there once Stripe has the money, and
/// don't end.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/credits/topup",
    tag = "Billing",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = Departure, description = "Where to go"),
        (status = 400, body = ErrorBody, description = "`MISSING_CREDITS`, `MISSING_SUCCESS_URL`, `MISSING_CANCEL_URL`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        BillingErrors,
    )
)]
pub(crate) async fn buy_credits(
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
    Ok(idempotent_response(top_up(&ctx, &stripe, request, &params).await?))
}
