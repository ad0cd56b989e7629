//! `GET /v1/clients/{client_id}/subscription`

use axum::Json;
use axum::extract::State;
use shared::billing::read_subscription::{self, SubscriptionView};
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::OrganizationId;

/// Get the subscription
///
/// Returns plan, status and period of the subscription, as Stripe last reported them. Only the
/// owner may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/subscription",
    tag = "Billing",
    security(("session" = []), ("bearer" = ["billing:read"])),
    params(("client_id" = String, Path, description = "The organization's id")),
    responses(
        (status = 200, body = SubscriptionView, description = "The subscription of the organization"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_subscription(
    State(ctx): State<Context>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
) -> http::Result<Json<SubscriptionView>> {
    Ok(Json(read_subscription::read_subscription(&ctx, &caller, &organization_id).await?))
}
