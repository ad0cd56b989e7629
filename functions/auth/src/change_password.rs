//! `POST /v1/me/password`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::password::Password;
use shared::accounts::{IdentityProof, change_password};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OwnerErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use utoipa::ToSchema;

/// Parameters for changing the password.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangePassword)]
pub(crate) struct Request {
    /// Current password. Required if the account has one.
    #[schema(example = "correct-horse-9")]
    current_password: Option<String>,
    /// Current code from the authenticator app, or a recovery code. Required if two-factor
    /// authentication is enabled.
    #[schema(example = "123456")]
    code: Option<String>,
    /// New password. The rules are those of `/v1/register`.
    #[schema(example = "tr0ub4dor-and-3", min_length = 8, max_length = 128)]
    new_password: String,
}

/// Confirmation that the password was changed.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordChanged)]
pub(crate) struct ResponseBody {
    /// A message to show to the user. Its text may change.
    #[schema(example = "Password changed")]
    message: &'static str,
}

/// Change password
///
/// Sets a new password and ends all other sessions. An account without a password sets its first
/// one, and needs a proof of identity that is at most 10 minutes old. Wrong passwords and codes
/// count as failed sign-ins.
#[utoipa::path(
    post,
    path = "/v1/me/password",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The password was changed"),
        (status = 400, body = ErrorBody, description = "`PASSWORD_TOO_WEAK`: the message names the broken rule; `INVALID_CODE`: try the next code; \
            `MISSING_CURRENT_PASSWORD`, `MISSING_NEW_PASSWORD`, `MISSING_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        OwnerErrors,
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn change_password(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    let user = &signed_in.user;
    let new = Password::parse_new("new_password", body.new_password, &user.email)?;
    new.require_different_from(&user.name)?;
    let proof = IdentityProof {
        password: Password::parse_optional("current_password", body.current_password)?,
        code: body.code.as_deref(),
    };
    change_password::change_password(&ctx, &signed_in, proof, new).await?;
    Ok(Json(ResponseBody { message: "Password changed" }))
}
