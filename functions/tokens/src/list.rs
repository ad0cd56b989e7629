//! `GET /v1/tokens`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::dynamo::Page;
use shared::http::openapi::{ListErrors, SessionErrors, Unavailable};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Paging, SessionCaller};
use shared::tokens::{TokenView, list};

/// List tokens
///
/// Returns the caller's personal tokens in the order of creation, including expired and revoked ones.
#[utoipa::path(
    get,
    path = "/v1/tokens",
    tag = "Tokens",
    security(("session" = [])),
    params(
        PageParameters,
    ),
    responses(
        (status = 200, body = Page<TokenView>, description = "A page of tokens"),
        ListErrors,
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_tokens(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Paging(page): Paging,
) -> http::Result<Json<Page<TokenView>>> {
    Ok(Json(list::list(&ctx, &caller, &page).await?))
}
