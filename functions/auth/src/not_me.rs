//! `POST /v1/account/not-me`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::EndedAccess;
use shared::accounts::not_me::secure_account;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use utoipa::ToSchema;

/// Parameters for securing an account.
#[derive(Deserialize, ToSchema)]
#[schema(as = NotMe)]
pub(crate) struct Request {
    /// Token from the link in a mail about the security of the account, the part after `#`. It is valid once,
    /// for 7 days.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa.kR0x…")]
    token: String,
}

/// Confirmation that the account was secured.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountSecured)]
pub(crate) struct ResponseBody {
    /// A message to show to the user. Its text may change.
    #[schema(
        example = "All sessions were ended, and the password no longer works. Set a new one with the link that we have mailed to you"
    )]
    message: &'static str,
    /// What was ended besides all sessions and the password.
    ended: EndedAccess,
}

/// Secure account after a change that was not yours
///
/// Ends all sessions and the password, the Slack webhook, and what was added in the last 7 days: personal
/// tokens, a Google connection and a second factor. If the email address was changed after the mail was sent,
/// it is restored. A link to set a new password is mailed to the address that got the mail.
#[utoipa::path(
    post,
    path = "/v1/account/not-me",
    tag = "Account",
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The account was secured"),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: the token is unknown, used or expired; `MISSING_TOKEN`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn not_me(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    http::require_not_blank("token", &body.token)?;
    let ended = secure_account(&ctx, &requester, &body.token).await?;
    let message = "All sessions were ended, and the password no longer works. \
        Set a new one with the link that we have mailed to you";
    Ok(Json(ResponseBody { message, ended }))
}
