//! `POST /v1/me/restore`

use axum::Json;
use axum::extract::State;
use shared::accounts::UserView;
use shared::accounts::deletion::restore::restore_account;
use shared::context::Context;
use shared::http::openapi::Unavailable;
use shared::http::{self, ErrorBody, PendingDeletionSession};
use shared::requester::Requester;

use crate::me::Answer;

/// Restore account
///
/// Cancels the deletion of the account that the session belongs to. The session stays valid; sessions and
/// tokens from before the deletion stay ended. If no deletion is scheduled, nothing changes. From
/// `deletion_scheduled_at` on the session is refused.
#[utoipa::path(
    post,
    path = "/v1/me/restore",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = Answer, description = "The restored account"),
        (status = 401, body = ErrorBody, description = "`missing session`, `invalid session`, \
            `invalid token`"),
        (status = 403, body = ErrorBody, description = "`SESSION_REQUIRED`, `BAD_ORIGIN`"),
        Unavailable,
    )
)]
pub(crate) async fn restore_me(
    State(ctx): State<Context>,
    requester: Requester,
    PendingDeletionSession(signed_in): PendingDeletionSession,
) -> http::Result<Json<Answer>> {
    let user = restore_account(&ctx, &requester, &signed_in).await?;
    Ok(Json(Answer { user: UserView::from(&user) }))
}
