//! `GET /v1/me`

use axum::Json;
use serde::Serialize;
use shared::accounts::UserView;
use shared::http::openapi::{CredentialErrors, Unavailable};
use shared::http::{self, CurrentUser};
use utoipa::ToSchema;

/// The account of the caller.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub(crate) struct Answer {
    /// Account that the credential belongs to.
    pub(crate) user: UserView,
}

/// Get current user
#[utoipa::path(
    get,
    path = "/v1/me",
    tag = "Account",
    security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, body = Answer, description = "The account that the credential belongs to"),
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn me(CurrentUser { user }: CurrentUser) -> http::Result<Json<Answer>> {
    Ok(Json(Answer { user: UserView::from(&user) }))
}
