//! `GET /v1/clients/{client_id}/credits`

use axum::extract::State;
use axum::{Extension, Json};
use shared::billing::read_credits::{self, CreditsView};
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

/// Get the credit balance
///
/// Returns the balance, with the quota of the plan and the credits that were bought. The quota is
/// spent first. All members and API keys of the organization may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/credits",
    tag = "Billing",
    security(("session" = []), ("bearer" = ["billing:read"])),
    params(("client_id" = String, Path, description = "The organization's id")),
    responses(
        (status = 200, body = CreditsView, description = "The credit balance"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_credits(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
) -> http::Result<Json<CreditsView>> {
    Ok(Json(read_credits::read_credits(&ctx, &stripe, &caller, &organization_id).await?))
}
