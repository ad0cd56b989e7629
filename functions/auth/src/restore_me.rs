//! `POST /v1/me/restore`

use axum::Json;
use axum::extract::State;
use shared::accounts::UserView;
use shared::accounts::deletion::restore::restore_account;
use shared::context::Context;
use shared::http::openapi::Unavailable;
use shared::http::{self, ErrorBody, PendingDeletionSession};

use crate::me::ResponseBody;

/// Restore account
///
/// Cancels the scheduled deletion of the account. The session of this request stays valid; sessions
/// and tokens from before the deletion stay ended. If no deletion is scheduled, nothing changes.
/// From `deletion_scheduled_at` on, the session is refused.
#[utoipa::path(
    post,
    path = "/v1/me/restore",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = ResponseBody, description = "The restored account"),
        (status = 401, body = ErrorBody, description = "`missing session`, `invalid session`, `invalid token`: sign in"),
        (status = 403, body = ErrorBody, description = "`SESSION_REQUIRED`: send a session in place of a token; `BAD_ORIGIN`: a browser sent \
            the request from another site; `SUSPENDED`: the account is suspended; write to support"),
        Unavailable,
    )
)]
pub(crate) async fn restore_me(
    State(ctx): State<Context>,
    PendingDeletionSession(signed_in): PendingDeletionSession,
) -> http::Result<Json<ResponseBody>> {
    let user = restore_account(&ctx, &signed_in).await?;
    Ok(Json(ResponseBody { user: UserView::from(&user) }))
}
