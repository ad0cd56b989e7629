//! `GET /v1/plans`

use axum::{Extension, Json};
use shared::billing::list_plans::{self, PlansView};
use shared::stripe::Stripe;

/// List plans
///
/// Returns the price and the limits of each plan. Requires no credential.
#[utoipa::path(
    get,
    path = "/v1/plans",
    tag = "Billing",
    responses((status = 200, body = PlansView, description = "All plans, from the smallest to the largest"))
)]
pub(crate) async fn list_plans(Extension(stripe): Extension<Stripe>) -> Json<PlansView> {
    Json(list_plans::list_plans(&stripe))
}
