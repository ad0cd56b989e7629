//! `GET /v1/plans`

use axum::{Extension, Json};
use shared::billing::plans::{PlansView, plans};
use shared::stripe::Stripe;

/// List the plans
///
/// What each costs and includes.
#[utoipa::path(
    get,
    path = "/v1/plans",
    tag = "Billing",
    responses((status = 200, body = PlansView, description = "All of them"))
)]
pub(crate) async fn list_plans(Extension(stripe): Extension<Stripe>) -> Json<PlansView> {
    Json(plans(&stripe))
}
