//! `POST /v1/email/undo`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::EndedAccess;
use shared::accounts::email_change::undo::undo_email_change;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use utoipa::ToSchema;

/// Parameters for undoing a change of the email address.
#[derive(Deserialize, ToSchema)]
#[schema(as = UndoEmail)]
pub(crate) struct Request {
    /// Token from the link in the mail to the previous address. It is valid once, for 7 days.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa.kR0x…")]
    token: String,
}

/// Confirmation that the previous email address was restored.
#[derive(Serialize, ToSchema)]
#[schema(as = EmailUndone)]
pub(crate) struct ResponseBody {
    /// A message to show to the user. Its text may change.
    #[schema(
        example = "Your address is the one from before. The password no longer works: set a new one with the link that we have mailed to you"
    )]
    message: &'static str,
    /// What was ended besides all sessions and the password.
    ended: EndedAccess,
}

/// Undo email change
///
/// Restores the previous email address. Ends all sessions, all tokens, the password, the Slack webhook, and a Google
/// connection and a second factor that were added in the last days. A link to set a new password is mailed to the
/// restored address. Later changes of the address can no longer be undone.
#[utoipa::path(
    post,
    path = "/v1/email/undo",
    tag = "Account",
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The previous address was restored"),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: the token is unknown, used or expired; `MISSING_TOKEN`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn undo_email(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    http::require_not_blank("token", &body.token)?;
    let ended = undo_email_change(&ctx, &requester, &body.token).await?;
    let message = "Your address is the one from before. The password no longer works: \
        set a new one with the link that we have mailed to you";
    Ok(Json(ResponseBody { message, ended }))
}
