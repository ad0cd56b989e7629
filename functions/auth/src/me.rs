//! `GET /v1/me`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::UserView;
use shared::context::Context;
use shared::http::{self, Caller, ErrorBody};
use utoipa::ToSchema;

/// Who calls.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub(crate) struct Answer {
    /// The account that the credential acts as.
    pub(crate) user: UserView,
}

/// Who am I
#[utoipa::path(
    get,
    path = "/v1/me",
    tag = "Account",
    security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, body = Answer, description = "The account that the credential acts as"),
        (status = 401, body = ErrorBody, description = "`missing bearer token`, \
            `invalid authorization header`, `invalid bearer token`, `invalid token`, `invalid session`"),
        (status = 503, body = ErrorBody, description = "`UNAVAILABLE`"),
    )
)]
pub(crate) async fn me(State(ctx): State<Context>, caller: Caller) -> http::Result<Json<Answer>> {
    let user = caller.user(&ctx).await?;
    Ok(Json(Answer { user: UserView::from(&user) }))
}
