//! `GET /v1/clients`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Credential;
use shared::dynamo::{Page, PageRequest};
use shared::http;
use shared::http::openapi::{CredentialErrors, ListErrors, Unavailable};
use shared::organizations::list::{self, OrganizationSummary};
use shared::requester::Requester;

/// List one's clients
///
/// The clients that the caller is a member of: the default one first, then in the order of joining. A page
/// may hold fewer than asked for; `next_cursor` tells whether there are more.
#[utoipa::path(
    get,
    path = "/v1/clients",
    tag = "Clients",
    security(("session" = []), ("bearer" = [])),
    params(
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<OrganizationSummary>, description = "A page of them"),
        ListErrors,
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_clients(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    page: PageRequest,
) -> http::Result<Json<Page<OrganizationSummary>>> {
    list::list(&ctx, &requester, &credential, &page).await.map(Json)
}
