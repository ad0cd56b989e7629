//! `POST /v1/clients/{client_id}/restore`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::http::openapi::{OrganizationRecentProofErrors, Unavailable};
use shared::http::{self, Id, SessionCaller};
use shared::ids::OrganizationId;
use shared::organizations::OrganizationView;
use shared::organizations::restore::restore;

/// Restore an organization
///
/// Restores a deleted organization within 7 days of its deletion, with its members, projects and
/// files. Its API keys stay revoked. If its subscription was canceled, it is on the free plan. Only
/// the owner may call this. An organization that is not deleted stays as it is.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/restore",
    tag = "Organizations",
    security(("session" = [])),
    params(("client_id" = String, Path, description = "The organization's id")),
    responses(
        (status = 200, body = OrganizationView, description = "The restored organization"),
        OrganizationRecentProofErrors,
        Unavailable,
    )
)]
pub(crate) async fn restore_client(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Id(id): Id<OrganizationId>,
) -> http::Result<Json<OrganizationView>> {
    Ok(Json(restore(&ctx, &caller, &id).await?))
}
