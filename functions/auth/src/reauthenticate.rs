//! `POST /v1/me/reauthenticate`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::SET_COOKIE;
use serde::Deserialize;
use shared::accounts::IdentityProof;
use shared::accounts::password::Password;
use shared::accounts::renew_proof::{RenewedProof, renew_proof};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OwnerErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody, session_cookie};
use utoipa::ToSchema;

/// Parameters for proving the user's identity again.
#[derive(Deserialize, ToSchema)]
#[schema(as = Reauthenticate)]
pub(crate) struct Request {
    /// Password of the account. Required if the account has one and two-factor authentication is
    /// disabled.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
    /// Current code from the authenticator app, or a recovery code. Required if two-factor
    /// authentication is enabled.
    #[schema(example = "123456")]
    code: Option<String>,
}

/// Prove identity again
///
/// Renews the proof of identity of the session. Operations that answer `REAUTH_REQUIRED` then work
/// for 10 minutes, as they do after a sign-in.
///
/// Send the password, or a code if two-factor authentication is enabled. An account with neither
/// opens `/v1/auth/google?reauthenticate=1` in a browser instead. Wrong passwords and codes count as
/// failed sign-ins.
#[utoipa::path(
    post,
    path = "/v1/me/reauthenticate",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (
            status = 200, body = RenewedProof, description = "The proof of identity was renewed",
            headers(("set-cookie" = String, description = "The session, as `__Host-aius_session`"))
        ),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: try the next code; `MISSING_PASSWORD`, `MISSING_CODE`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        OwnerErrors,
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn reauthenticate(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<([(HeaderName, String); 1], Json<RenewedProof>)> {
    let password = Password::parse_optional("password", body.password)?;
    let proof = IdentityProof { password, code: body.code.as_deref() };
    let renewed = renew_proof(&ctx, &signed_in, proof).await?;
    Ok(([(SET_COOKIE, session_cookie(&renewed.session_token))], Json(renewed)))
}
