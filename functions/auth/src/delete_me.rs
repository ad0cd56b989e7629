//! `DELETE /v1/me`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::SET_COOKIE;
use serde::{Deserialize, Serialize};
use shared::accounts::deletion::request::request;
use shared::accounts::password::Password;
use shared::clock::Timestamp;
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, OwnerErrors, Throttled, Unavailable};
use shared::http::{self, Body, CLEARED_SESSION_COOKIE, ErrorBody, Session};
use shared::requester::Requester;
use utoipa::ToSchema;

/// That it is meant, and both factors.
#[derive(Deserialize, ToSchema)]
#[schema(as = DeleteMe)]
pub(crate) struct Request {
    /// Required of an account that has a password; one without needs a sign-in that is at most 10
    /// minutes old.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
    /// The word `DELETE`.
    #[schema(example = "DELETE")]
    confirm: String,
    /// Required of an account that has a second factor: from the authenticator, or a recovery code.
    #[schema(example = "123456")]
    code: Option<String>,
}

/// The account waits to be erased.
#[derive(Serialize, ToSchema)]
#[schema(as = DeletionScheduled)]
pub(crate) struct Answer {
    /// When it is erased; until then it can be had back.
    deletion_scheduled_at: Timestamp,
}

/// Delete one's account
///
/// All sessions and tokens end at once. After 14 days everything that is stored about the person is
/// erased; signing in before that answers `pending_deletion`, and `/me/restore` undoes it. Wrong
/// passwords and codes count as at signing in.
#[utoipa::path(
    delete,
    path = "/v1/me",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (
            status = 200, body = Answer, description = "Waits to be erased",
            headers(("set-cookie" = String, description = "Clears the session"))
        ),
        (status = 400, body = ErrorBody, description = "`MISSING_CONFIRM`, `MISSING_PASSWORD`, \
            `MISSING_CODE`, `INVALID_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        OwnerErrors,
        (status = 409, body = ErrorBody, description = "`OWNS_CLIENTS`: others belong to clients of \
            theirs, which `clients` names; transfer or delete those first"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn delete_me(
    State(ctx): State<Context>,
    requester: Requester,
    Session(signed_in): Session,
    Body(body): Body<Request>,
) -> http::Result<([(HeaderName, &'static str); 1], Json<Answer>)> {
    if body.confirm.is_empty() {
        return Err(Error::missing("confirm").into());
    }
    if body.confirm != "DELETE" {
        return Err(Error::invalid_field("confirm", "must be DELETE").into());
    }
    let password = Password::given_if_any("password", body.password)?;
    let deletion_scheduled_at =
        request(&ctx, &requester, &signed_in, password, body.code.as_deref()).await?;
    Ok(([(SET_COOKIE, CLEARED_SESSION_COOKIE)], Json(Answer { deletion_scheduled_at })))
}
