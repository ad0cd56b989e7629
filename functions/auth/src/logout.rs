//! `POST /v1/logout`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::SET_COOKIE;
use serde::Serialize;
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::Unavailable;
use shared::http::{self, CLEARED_SESSION_COOKIE, ErrorBody, PendingDeletionSession};
use shared::sessions::{self, AuthenticatedSession};
use utoipa::ToSchema;

/// Confirmation that the session has ended.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggedOut)]
pub(crate) struct ResponseBody {
    /// Whether the session has ended; always `true`.
    #[schema(example = true)]
    logged_out: bool,
}

/// Sign out
///
/// Ends the session of this request and clears its cookie. Every copy of the session token is
/// refused from then on.
#[utoipa::path(
    post,
    path = "/v1/logout",
    tag = "Signing in",
    security(("session" = [])),
    responses(
        (
            status = 200, body = ResponseBody, description = "The session has ended",
            headers(("set-cookie" = String, description = "Clears the session cookie"))
        ),
        (status = 401, body = ErrorBody, description = "`missing session`, `invalid session`, `invalid token`: sign in"),
        (status = 403, body = ErrorBody, description = "`SESSION_REQUIRED`: send a session in place of a token; `BAD_ORIGIN`: a browser sent \
            the request from another site"),
        Unavailable,
    )
)]
pub(crate) async fn logout(
    State(ctx): State<Context>,
    PendingDeletionSession(signed_in): PendingDeletionSession,
) -> http::Result<([(HeaderName, &'static str); 1], Json<ResponseBody>)> {
    let AuthenticatedSession { requester, session, .. } = &signed_in;
    sessions::end_session(&ctx, requester, &session.user_id, &session.id, || Error::InvalidSession)
        .await?;
    Ok(([(SET_COOKIE, CLEARED_SESSION_COOKIE)], Json(ResponseBody { logged_out: true })))
}
