//! `GET /v1/clients/{client_id}/invitations`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Credential;
use shared::dynamo::{Page, PageRequest};
use shared::http::openapi::{ListErrors, OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::OrganizationId;
use shared::organizations::invitations::list::{InvitationView, list};
use shared::requester::Requester;

/// List the invitations to a client
///
/// Those that can still be accepted. For its owner and admins. A page may hold fewer than asked for;
/// `next_cursor` tells whether there are more.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/invitations",
    tag = "Members",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<InvitationView>, description = "A page of them"),
        ListErrors,
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_client_invitations(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<OrganizationId>,
    page: PageRequest,
) -> http::Result<Json<Page<InvitationView>>> {
    list(&ctx, &requester, &credential, &id, &page).await.map(Json)
}
