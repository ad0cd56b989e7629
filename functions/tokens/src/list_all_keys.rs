//! `GET /v1/api-keys`

use axum::Json;
use axum::extract::State;
use shared::api_keys::ListedKey;
use shared::api_keys::list_all::list_all;
use shared::context::Context;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, SessionErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Paging, SessionCaller};

/// List API keys of all organizations
///
/// Returns the API keys of all organizations that the caller owns or administers, including revoked
/// ones, ordered by organization id and then by creation. A page may be shorter than its limit;
/// continue while `next_cursor` is set.
#[utoipa::path(
    get,
    path = "/v1/api-keys",
    tag = "Keys",
    security(("session" = [])),
    params(
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<ListedKey>, description = "A page of API keys"),
        ListErrors,
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_all_keys(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Paging(page): Paging,
) -> http::Result<Json<Page<ListedKey>>> {
    Ok(Json(list_all(&ctx, &caller, &page).await?))
}
