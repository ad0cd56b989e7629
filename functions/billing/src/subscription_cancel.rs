//! `POST /v1/clients/{client_id}/subscription/cancel`

use axum::extract::State;
use axum::{Extension, Json};
use shared::billing::plan_change::cancel;
use shared::billing::read_subscription::SubscriptionView;
use shared::context::Context;
use shared::http::openapi::{BillingErrors, OrganizationSessionErrors, ThrottleErrors};
use shared::http::{self, ErrorBody, Id, SessionCaller};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

/// Cancel the subscription
///
/// Cancels the subscription at the end of its period. Takes back a scheduled downgrade and an unpaid upgrade. Only the
/// owner may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/subscription/cancel",
    tag = "Billing",
    security(("session" = [])),
    params(("client_id" = String, Path, description = "The organization's id")),
    responses(
        (status = 200, body = SubscriptionView, description = "The subscription ends with its period"),
        OrganizationSessionErrors,
        (status = 409, body = ErrorBody, description = "`NOT_SUBSCRIBED`: there is no subscription"),
        ThrottleErrors,
        BillingErrors,
    )
)]
pub(crate) async fn cancel_subscription(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    SessionCaller(caller): SessionCaller,
    Id(organization_id): Id<OrganizationId>,
) -> http::Result<Json<SubscriptionView>> {
    Ok(Json(cancel::cancel_subscription(&ctx, &stripe, &caller, &organization_id).await?))
}
