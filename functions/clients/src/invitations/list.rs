//! `GET /v1/clients/{client_id}/invitations`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, InvitationFilter, Paging};
use shared::ids::OrganizationId;
use shared::organizations::invitations::InvitationStatus;
use shared::organizations::invitations::list::{InvitationView, list};

/// List an organization's invitations
///
/// Returns the invitations to an organization with their states: first those that were not answered, then
/// those that ended. An invitation is listed until 30 days after it has expired; one that another
/// replaced is not listed. Only the owner and admins may call this.
///
/// A page may be shorter than its limit, or empty; continue while `next_cursor` is set. A cursor is
/// valid only with the `status` of its first request.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/invitations",
    tag = "Members",
    security(("session" = []), ("bearer" = ["clients:read"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("status" = Option<InvitationStatus>, Query, description = "Returns only invitations in this state"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<InvitationView>, description = "A page of invitations"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_client_invitations(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
    InvitationFilter(status): InvitationFilter,
    Paging(page): Paging,
) -> http::Result<Json<Page<InvitationView>>> {
    Ok(Json(list(&ctx, &caller, &id, status, &page).await?))
}
