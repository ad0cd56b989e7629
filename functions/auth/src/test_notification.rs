//! `POST /v1/me/notifications/test`

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use shared::context::Context;
use shared::http::openapi::{SessionErrors, ThrottleErrors, Unavailable};
use shared::http::{self, CurrentSession, ErrorBody};
use shared::slack::{SlackClient, send_test_message};
use utoipa::ToSchema;

/// Confirmation that Slack accepted the test message.
#[derive(Serialize, ToSchema)]
#[schema(as = TestNotificationSent)]
pub(crate) struct ResponseBody {
    /// Whether Slack accepted the message; always `true`.
    sent: bool,
}

/// Send a test message to Slack
///
/// Posts a message to the caller's Slack webhook, and answers when Slack has accepted it. At most 10 messages in 10
/// minutes can be sent.
#[utoipa::path(
    post,
    path = "/v1/me/notifications/test",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = ResponseBody, description = "Slack accepted the message"),
        SessionErrors,
        (status = 409, body = ErrorBody, description = "`NO_SLACK_WEBHOOK`: set a webhook first; `SLACK_REFUSED`: the message has Slack's reason; \
            create the webhook in Slack again"),
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn test_notification(
    State(ctx): State<Context>,
    Extension(slack): Extension<Arc<SlackClient>>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<ResponseBody>> {
    send_test_message(&ctx, &slack, &signed_in).await?;
    Ok(Json(ResponseBody { sent: true }))
}
