//! `POST /v1/me/restore`

use axum::Json;
use axum::extract::State;
use shared::accounts::UserView;
use shared::accounts::deletion::restore::restore_account;
use shared::context::Context;
use shared::http::openapi::Unavailable;
use shared::http::{self, ErrorBody, LeavingSession};
use shared::requester::Requester;

use crate::me::Answer;

/// Undo the deletion of one's account
///
/// For whoever signed in to an account that waits to be erased: it works as before, and the session
/// goes on. Sessions from before the deletion stay ended. Where the account doesn't wait to be erased,
/// nothing changes. From `deletion_scheduled_at` on it is too late, and the session is refused.
#[utoipa::path(
    post,
    path = "/v1/me/restore",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = Answer, description = "The account as it is now"),
        (status = 401, body = ErrorBody, description = "`missing session`, `invalid session`, \
            `invalid token`"),
        (status = 403, body = ErrorBody, description = "`SESSION_REQUIRED`, `BAD_ORIGIN`"),
        Unavailable,
    )
)]
pub(crate) async fn restore_me(
    State(ctx): State<Context>,
    requester: Requester,
    LeavingSession(signed_in): LeavingSession,
) -> http::Result<Json<Answer>> {
    let user = restore_account(&ctx, &requester, &signed_in).await?;
    Ok(Json(Answer { user: UserView::from(&user) }))
}
