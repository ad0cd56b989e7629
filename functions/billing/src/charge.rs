//! `POST /v1/clients/{client_id}/usage`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::charge::{Charge, ChargeParams, Charged, charge};
use shared::context::Context;
use shared::credentials::Caller;
use shared::credits::Credits;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody, idempotent_response};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;
use utoipa::ToSchema;

/// What is charged for.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChargeCredits)]
pub(crate) struct Request {
    /// How many credits: more than 0, with at most six places.
    #[schema(value_type = f64, example = 0.004, exclusive_minimum = 0, maximum = 1_000_000)]
    credits: Credits,
    /// What for.
    #[schema(example = "Nightly report", min_length = 1, max_length = 500)]
    description: String,
    /// The run that spent them.
    run_id: Option<String>,
    /// The project that spent them.
    project_id: Option<String>,
}

impl Request {
    fn parse(self, key: String, organization_id: &OrganizationId) -> Result<Charge> {
        let params = ChargeParams {
            key,
            credits: self.credits,
            description: &self.description,
            run_id: self.run_id.as_deref(),
            project_id: self.project_id.as_deref(),
        };
        Charge::parse(organization_id, params)
    }
}

/// Charge credits
///
/// For the client's keys alone. `Idempotency-Key` names the charge: under the same key it is made once, for
/// ever, and answered as the first time. The quota is spent first; where there isn't enough, nothing is taken,
/// and the same key may be tried again.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/usage",
    tag = "Billing",
    security(("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 255, description = "The charge's own name"),
    ),
    request_body = Request,
    responses(
        (status = 200, body = Charged, description = "Taken"),
        (status = 400, body = ErrorBody, description = "`MISSING_IDEMPOTENCY_KEY`, `MISSING_CREDITS`, `MISSING_DESCRIPTION`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 402, body = ErrorBody, description = "`INSUFFICIENT_CREDITS`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn charge_credits(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let key = input.idempotency_header();
    let parse = |body: Request| {
        let key = key?.ok_or_else(|| Error::missing("idempotency_key"))?;
        body.parse(key, &organization_id)
    };
    let IdempotentBody { body, idempotency_key: _ } = input.parse(parse).await?;
    Ok(idempotent_response(charge(&ctx, &stripe, &caller, &organization_id, &body).await?))
}
