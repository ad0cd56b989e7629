//! `GET /v1/me`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::UserView;
use shared::context::Context;
use shared::http::openapi::{CredentialErrors, Unavailable};
use shared::http::{self, Caller};
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
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn me(State(ctx): State<Context>, caller: Caller) -> http::Result<Json<Answer>> {
    let user = caller.user(&ctx).await?;
    Ok(Json(Answer { user: UserView::from(&user) }))
}
