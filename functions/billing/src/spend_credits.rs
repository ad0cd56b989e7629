//! `POST /v1/clients/{client_id}/usage`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::debit::{Debit, DebitParams, DebitResult};
use shared::billing::spend_credits::spend_credits as debit;
use shared::context::Context;
use shared::credentials::Caller;
use shared::credits::Credits;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, OrganizationKeyErrors, SwitchErrors};
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody, idempotent_response};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;
use utoipa::ToSchema;

/// Parameters for spending credits.
#[derive(Deserialize, ToSchema)]
#[schema(as = SpendCredits)]
pub(crate) struct Request {
    /// The number of credits to spend: more than 0, with at most six decimal places.
    #[schema(value_type = f64, example = 0.004, exclusive_minimum = 0, maximum = 1_000_000)]
    credits: Credits,
    /// A description for the list of transactions.
    #[schema(example = "Nightly report", min_length = 1, max_length = 500)]
    description: String,
    /// The id of the run that spends the credits.
    run_id: Option<String>,
    /// The id of the project that spends the credits.
    project_id: Option<String>,
}

impl Request {
    fn parse(self, key: String, organization_id: &OrganizationId) -> Result<Debit> {
        let params = DebitParams {
            key,
            credits: self.credits,
            description: &self.description,
            run_id: self.run_id.as_deref(),
            project_id: self.project_id.as_deref(),
        };
        Debit::parse(organization_id, params)
    }
}

/// Spend credits
///
/// Subtracts credits from the balance, from the quota first. Only API keys of the organization may
/// call this: a session or a personal token gets 403 `KEY_REQUIRED`.
///
/// Repeating a request with the same `Idempotency-Key` spends nothing and returns the first
/// response, at any later time. If the balance is too low, nothing is spent, and the request can be
/// repeated with the same key.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/usage",
    tag = "Billing",
    security(("bearer" = ["usage:write"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 255, description = "A unique string for this debit. It never expires"),
    ),
    request_body = Request,
    responses(
        (status = 200, body = DebitResult, description = "The credits were spent"),
        (status = 400, body = ErrorBody, description = "`MISSING_IDEMPOTENCY_KEY`, `MISSING_CREDITS`, `MISSING_DESCRIPTION`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 402, body = ErrorBody, description = "`INSUFFICIENT_CREDITS`: buy credits, or wait for the next quota"),
        OrganizationKeyErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn spend_credits(
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
    Ok(idempotent_response(debit(&ctx, &stripe, &caller, &organization_id, &body).await?))
}
