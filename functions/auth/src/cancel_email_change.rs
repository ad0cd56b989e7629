//! `DELETE /v1/me/email`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::email_change::cancel;
use shared::context::Context;
use shared::http::openapi::{SessionErrors, Unavailable};
use shared::http::{self, CurrentSession, ErrorBody};
use utoipa::ToSchema;

/// Response to the cancellation of a change of the email address.
#[derive(Serialize, ToSchema)]
#[schema(as = EmailChangeCanceled)]
pub(crate) struct ResponseBody {
    /// Always true.
    deleted: bool,
}

/// Cancel email change
///
/// Cancels a change of the email address that waits for its code. The code no longer works, and the address stays as it
/// is. It still counts for the limits of `POST /v1/me/email`.
#[utoipa::path(
    delete,
    path = "/v1/me/email",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = ResponseBody, description = "The change was canceled"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: no change waits for its code"),
        Unavailable,
    )
)]
pub(crate) async fn cancel_email_change(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<ResponseBody>> {
    cancel::cancel_email_change(&ctx, &signed_in).await?;
    Ok(Json(ResponseBody { deleted: true }))
}
