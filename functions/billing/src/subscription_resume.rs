//! `POST /v1/clients/{client_id}/subscription/resume`

use axum::extract::State;
use axum::{Extension, Json};
use shared::billing::plan_change::resume;
use shared::billing::read_subscription::SubscriptionView;
use shared::context::Context;
use shared::http::openapi::{BillingErrors, OrganizationSessionErrors, ThrottleErrors};
use shared::http::{self, ErrorBody, Id, SessionCaller};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

/// Resume the subscription
///
/// Takes back the cancellation of the subscription, and a scheduled downgrade. Only the owner may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/subscription/resume",
    tag = "Billing",
    security(("session" = [])),
    params(("client_id" = String, Path, description = "The organization's id")),
    responses(
        (status = 200, body = SubscriptionView, description = "The subscription goes on"),
        OrganizationSessionErrors,
        (status = 409, body = ErrorBody, description = "`NOT_SUBSCRIBED`: there is no subscription"),
        ThrottleErrors,
        BillingErrors,
    )
)]
pub(crate) async fn resume_subscription(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    SessionCaller(caller): SessionCaller,
    Id(organization_id): Id<OrganizationId>,
) -> http::Result<Json<SubscriptionView>> {
    Ok(Json(resume::resume_subscription(&ctx, &stripe, &caller, &organization_id).await?))
}
