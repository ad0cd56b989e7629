//! `GET /v1/tokens`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::dynamo::{Page, PageRequest};
use shared::http::openapi::{ListErrors, SessionErrors, Unavailable};
use shared::http::{self, SessionCredential};
use shared::requester::Requester;
use shared::tokens::{TokenView, list};

/// List one's tokens
///
/// In the order in which they were made, those that are over among them.
#[utoipa::path(
    get,
    path = "/v1/tokens",
    tag = "Tokens",
    security(("session" = [])),
    params(
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "Entries on a page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, body = Page<TokenView>, description = "A page of them"),
        ListErrors,
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_tokens(
    State(ctx): State<Context>,
    requester: Requester,
    SessionCredential(credential): SessionCredential,
    page: PageRequest,
) -> http::Result<Json<Page<TokenView>>> {
    list::list(&ctx, &requester, &credential, &page).await.map(Json)
}
