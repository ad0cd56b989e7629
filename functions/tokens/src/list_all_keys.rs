//! `GET /v1/api-keys`

use axum::Json;
use axum::extract::State;
use shared::api_keys::ListedKey;
use shared::api_keys::list_all::list_all;
use shared::context::Context;
use shared::dynamo::{Page, PageRequest};
use shared::http::openapi::{ListErrors, SessionErrors, Unavailable};
use shared::http::{self, SessionCredential};
use shared::requester::Requester;

/// List the keys of all one's clients
///
/// Of those clients that the caller owns or is an admin of: client by client, each one's in the order in which
/// they were made, revoked ones among them. A page may hold fewer than asked for; `next_cursor` tells whether
/// there are more.
#[utoipa::path(
    get,
    path = "/v1/api-keys",
    tag = "Keys",
    security(("session" = [])),
    params(
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<ListedKey>, description = "A page of them"),
        ListErrors,
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_all_keys(
    State(ctx): State<Context>,
    requester: Requester,
    SessionCredential(credential): SessionCredential,
    page: PageRequest,
) -> http::Result<Json<Page<ListedKey>>> {
    list_all(&ctx, &requester, &credential, &page).await.map(Json)
}
