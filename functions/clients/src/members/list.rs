//! `GET /v1/clients/{client_id}/members`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Credential;
use shared::dynamo::{Page, PageRequest};
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::OrganizationId;
use shared::organizations::members::MemberView;
use shared::organizations::members::list::list;
use shared::requester::Requester;

/// List the members of a client
///
/// Behind them, for its owner and admins, those who are invited and haven't answered, with
/// `status: "pending"`. A page may hold fewer than asked for; `next_cursor` tells whether there are more.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/members",
    tag = "Members",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<MemberView>, description = "A page of them"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_members(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<OrganizationId>,
    page: PageRequest,
) -> http::Result<Json<Page<MemberView>>> {
    list(&ctx, &requester, &credential, &id, &page).await.map(Json)
}
