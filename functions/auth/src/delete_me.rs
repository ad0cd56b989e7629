//! `DELETE /v1/me`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::SET_COOKIE;
use serde::{Deserialize, Serialize};
use shared::accounts::IdentityProof;
use shared::accounts::deletion::request::request_deletion;
use shared::accounts::password::Password;
use shared::clock::Timestamp;
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, OwnerErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, CLEARED_SESSION_COOKIE, CurrentSession, ErrorBody};
use utoipa::ToSchema;

/// Parameters for deleting the account.
#[derive(Deserialize, ToSchema)]
#[schema(as = DeleteMe)]
pub(crate) struct Request {
    /// Password of the account. Required if the account has one; otherwise the proof of
    /// identity must be at most 10 minutes old.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
    /// The word `DELETE`, as a confirmation.
    #[schema(example = "DELETE")]
    confirm: String,
    /// Current code from the authenticator app, or a recovery code. Required if two-factor
    /// authentication is enabled.
    #[schema(example = "123456")]
    code: Option<String>,
}

/// Confirmation that the account is scheduled for erasure.
#[derive(Serialize, ToSchema)]
#[schema(as = DeletionScheduled)]
pub(crate) struct ResponseBody {
    /// Time when the account will be erased. Until then `/v1/me/restore` restores it.
    deletion_scheduled_at: Timestamp,
}

/// Delete account
///
/// Ends all sessions and tokens at once, and erases all data of the user after 14 days. Until then,
/// signing in returns `pending_deletion`, and `/v1/me/restore` cancels the deletion. Wrong
/// passwords and codes count as failed sign-ins.
#[utoipa::path(
    delete,
    path = "/v1/me",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (
            status = 200, body = ResponseBody, description = "The account is scheduled for erasure",
            headers(("set-cookie" = String, description = "Clears the session cookie"))
        ),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: try the next code; `MISSING_CONFIRM`, `MISSING_PASSWORD`, \
            `MISSING_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        OwnerErrors,
        (status = 409, body = ErrorBody, description = "`OWNS_CLIENTS`: the user owns organizations with \
            other members, listed in `clients`; transfer or delete them first"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn delete_me(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<([(HeaderName, &'static str); 1], Json<ResponseBody>)> {
    if body.confirm.is_empty() {
        return Err(Error::missing("confirm").into());
    }
    if body.confirm != "DELETE" {
        return Err(Error::invalid_field("confirm", "must be DELETE").into());
    }
    let password = Password::parse_optional("password", body.password)?;
    let proof = IdentityProof { password, code: body.code.as_deref() };
    let deletion_scheduled_at = request_deletion(&ctx, &signed_in, proof).await?;
    Ok(([(SET_COOKIE, CLEARED_SESSION_COOKIE)], Json(ResponseBody { deletion_scheduled_at })))
}
