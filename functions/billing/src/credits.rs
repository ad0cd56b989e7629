//! `GET /v1/clients/{client_id}/credits`

use axum::extract::State;
use axum::{Extension, Json};
use shared::billing::credits::{CreditsView, credits};
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

/// Read what a client has to spend
///
/// For its members, and its keys. The quota is spent first.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/credits",
    tag = "Billing",
    security(("session" = []), ("bearer" = [])),
    params(("client_id" = String, Path, description = "The client's id")),
    responses(
        (status = 200, body = CreditsView, description = "What there is"),
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
    Ok(Json(credits(&ctx, &stripe, &caller, &organization_id).await?))
}
