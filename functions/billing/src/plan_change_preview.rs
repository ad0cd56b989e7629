//! `GET /v1/clients/{client_id}/subscription/change`

use axum::extract::State;
use axum::http::Uri;
use axum::{Extension, Json};
use shared::billing::plan_change::PlanChangePreview;
use shared::billing::plan_change::preview::preview_plan_change;
use shared::context::Context;
use shared::http::openapi::{BillingErrors, OrganizationSessionErrors, ThrottleErrors};
use shared::http::{self, ErrorBody, Id, QueryParameters, SessionCaller};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

/// Preview a change of plan
///
/// Returns what a change to another plan costs now, the credits it brings and when it takes effect. Changes nothing.
/// Only the owner may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/subscription/change",
    tag = "Billing",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("price_id" = String, Query, description = "The `price_id` of the new plan, from `GET /v1/plans`"),
    ),
    responses(
        (status = 200, body = PlanChangePreview, description = "The cost and the effect of the change"),
        (status = 400, body = ErrorBody, description = "`MISSING_PRICE_ID`, `INVALID_FIELD`"),
        OrganizationSessionErrors,
        (status = 409, body = ErrorBody, description = "`NOT_SUBSCRIBED`: subscribe first; \
            `SUBSCRIPTION_PAST_DUE`: pay the open invoice first; `SUBSCRIPTION_ENDING`: resume the subscription first"),
        ThrottleErrors,
        BillingErrors,
    )
)]
pub(crate) async fn preview_change(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    SessionCaller(caller): SessionCaller,
    Id(organization_id): Id<OrganizationId>,
    uri: Uri,
) -> http::Result<Json<PlanChangePreview>> {
    let query = QueryParameters::parse(&uri)?;
    // The operation checks it, after the caller.
    let price = query.single("price_id")?.unwrap_or_default();
    Ok(Json(preview_plan_change(&ctx, &stripe, &caller, &organization_id, price).await?))
}
