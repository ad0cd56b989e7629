//! `GET /v1/me`

use axum::Json;
use serde::Serialize;
use shared::accounts::UserView;
use shared::http::openapi::{CredentialErrors, Unavailable};
use shared::http::{self, CurrentUser};
use utoipa::ToSchema;

/// A response with an account.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub(crate) struct ResponseBody {
    /// The account that the credential belongs to.
    pub(crate) user: UserView,
}

/// Get current user
///
/// Returns the account that the session or token belongs to.
#[utoipa::path(
    get,
    path = "/v1/me",
    tag = "Account",
    security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, body = ResponseBody, description = "The account that the credential belongs to"),
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn me(CurrentUser { user }: CurrentUser) -> http::Result<Json<ResponseBody>> {
    Ok(Json(ResponseBody { user: UserView::from(&user) }))
}
