//! `POST /v1/me/password`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::change_password;
use shared::accounts::password::Password;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OwnerErrors, Throttled, Unavailable};
use shared::http::{self, Body, ErrorBody, Session};
use shared::requester::Requester;
use utoipa::ToSchema;

/// The password, and another.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangePassword)]
pub(crate) struct Request {
    /// Required of an account that has a password.
    #[schema(example = "correct-horse-9")]
    current_password: Option<String>,
    /// By the rules of `/register`.
    #[schema(example = "tr0ub4dor-and-3", min_length = 8, max_length = 128)]
    new_password: String,
}

/// The password is another.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordChanged)]
pub(crate) struct Answer {
    /// For people.
    #[schema(example = "Password changed")]
    message: &'static str,
}

/// Change the password
///
/// Ends all other sessions. An account without a password sets its first one, after a sign-in that
/// is at most 10 minutes old. Wrong passwords count as at signing in.
#[utoipa::path(
    post,
    path = "/v1/me/password",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "Set"),
        (status = 400, body = ErrorBody, description = "`MISSING_CURRENT_PASSWORD`, \
            `MISSING_NEW_PASSWORD`, `PASSWORD_TOO_WEAK`, `INVALID_FIELD`, `INVALID_JSON`"),
        OwnerErrors,
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn change_password(
    State(ctx): State<Context>,
    requester: Requester,
    Session(signed_in): Session,
    Body(body): Body<Request>,
) -> http::Result<Json<Answer>> {
    let user = &signed_in.user;
    let new = Password::parse_new("new_password", body.new_password, &user.email)?;
    new.require_different_from(&user.name)?;
    let current = Password::parse_optional("current_password", body.current_password)?;
    change_password::change_password(&ctx, &requester, &signed_in, current, new).await?;
    Ok(Json(Answer { message: "Password changed" }))
}
