//! `GET /v1/clients/{client_id}/members`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, Paging};
use shared::ids::OrganizationId;
use shared::organizations::members::MemberView;
use shared::organizations::members::list::list;

/// List members
///
/// Returns the members of an organization. For the owner and admins, open invitations follow with
/// `status: "pending"`. A page may be shorter than its limit; continue while `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/members",
    tag = "Members",
    security(("session" = []), ("bearer" = ["clients:read"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<MemberView>, description = "A page of members"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_members(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Paging(page): Paging,
) -> http::Result<Json<Page<MemberView>>> {
    Ok(Json(list(&ctx, &caller, &id, &page).await?))
}
