//! `POST /v1/me/email/confirm`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::accounts::UserView;
use shared::accounts::email_change::confirm::confirm_email_change;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SessionErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use utoipa::ToSchema;

use crate::me::ResponseBody;

/// Parameters for confirming a change of the email address.
#[derive(Deserialize, ToSchema)]
#[schema(as = ConfirmEmail)]
pub(crate) struct Request {
    /// Code from the mail to the new address: six characters, in any case, with or without spaces
    /// and hyphens.
    #[schema(example = "ABC234")]
    code: String,
}

/// Confirm email change
///
/// Changes the email address. The old address gets a mail with a link that undoes the change for 7
/// days, and stays reserved for that time. Limit: 5 changes in 7 days.
#[utoipa::path(
    post,
    path = "/v1/me/email/confirm",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The changed account"),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: the code is wrong, used or expired, so start the change again; \
            `MISSING_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        SessionErrors,
        (status = 409, body = ErrorBody, description = "`EMAIL_ALREADY_EXISTS`: another account has the address"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn confirm_email(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    http::require_not_blank("code", &body.code)?;
    let user = confirm_email_change(&ctx, &signed_in, &body.code).await?;
    Ok(Json(ResponseBody { user: UserView::from(&user) }))
}
