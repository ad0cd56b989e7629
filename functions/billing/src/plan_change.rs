//! `POST /v1/clients/{client_id}/subscription/change`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::plan_change::PlanChangeView;
use shared::billing::plan_change::change::{PlanChangeParams, change_plan};
use shared::context::Context;
use shared::http::openapi::StripeChangeErrors;
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, CallerBody, ErrorBody, Id, IdempotentBody, SessionCaller, idempotent_response,
    require_not_blank,
};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;
use utoipa::ToSchema;

/// Parameters for changing the plan.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangePlan)]
pub(crate) struct Request {
    /// The `price_id` of the new plan, from `GET /v1/plans`.
    #[schema(example = "price_1PgafmB7WZ01zgkW6dKueIc5")]
    price_id: String,
}

/// Change the plan
///
/// Changes the plan of the subscription. An upgrade is invoiced at once, for the rest of the period; its limits and
/// credits come when the invoice is paid. A downgrade takes effect at the end of the period. A change replaces an
/// earlier one that has not taken effect, and a change to the plan in force takes it back. Only the owner may call
/// this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/subscription/change",
    tag = "Billing",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = PlanChangeView, description = "The plan was changed, the change is scheduled, or it awaits a payment"),
        (status = 400, body = ErrorBody, description = "`MISSING_PRICE_ID`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 409, body = ErrorBody, description = "`NOT_SUBSCRIBED`: subscribe first; \
            `SUBSCRIPTION_PAST_DUE`: pay the open invoice first; `SUBSCRIPTION_ENDING`: resume the subscription first; \
            `CARD_REQUIRED`: add a card first; `IDEMPOTENCY_CONFLICT`: use a new key"),
        StripeChangeErrors,
    )
)]
pub(crate) async fn change_subscription(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    SessionCaller(caller): SessionCaller,
    Id(organization_id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let parse = |body: Request| require_not_blank("price_id", &body.price_id).map(|()| body);
    let IdempotentBody { body, idempotency_key } = input.parse(parse).await?;
    let params = PlanChangeParams { price: &body.price_id, idempotency_key: &idempotency_key };
    let changed = change_plan(&ctx, &stripe, &caller, &organization_id, params).await?;
    Ok(idempotent_response(changed))
}
