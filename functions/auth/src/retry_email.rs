//! `POST /v1/me/email/retry`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::http::openapi::{SessionErrors, ThrottleErrors, Unavailable};
use shared::http::{self, CurrentSession};
use shared::mail::suppression::retry_address;
use utoipa::ToSchema;

/// Confirmation that mail is sent again.
#[derive(Serialize, ToSchema)]
#[schema(as = EmailRetried)]
pub(crate) struct ResponseBody {
    /// Whether mail is sent to the address; always `true`.
    retried: bool,
}

/// Send mail again
///
/// Sends mail to the account's address again, after a mail to it came back or was reported as spam
/// (`email_suppression` of `GET /v1/me/notifications`). If the next mail comes back as well, it is possible again 24
/// hours after this call. Without such a mail the call does nothing.
#[utoipa::path(
    post,
    path = "/v1/me/email/retry",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = ResponseBody, description = "Mail is sent to the address"),
        SessionErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn retry_email(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<ResponseBody>> {
    retry_address(&ctx, &signed_in.user.email).await?;
    Ok(Json(ResponseBody { retried: true }))
}
