//! `POST /v1/auth/device/token`

use axum::Json;
use axum::extract::State;
use axum::http::header::PRAGMA;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use shared::context::Context;
use shared::device_sign_in::poll::poll;
use shared::device_sign_in::{DeviceCode, FlowError};
use shared::http::{OAuthErrorBody, OAuthErrors, OAuthForm, OAuthRejection};
use shared::requester::Requester;
use shared::tokens::{RevealedToken, join_scopes};
use utoipa::ToSchema;

use crate::device_client::parse_program;

/// The grant type of a device code (RFC 8628, 3.4).
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Parameters of a program that asks for its token.
#[derive(Deserialize, ToSchema)]
#[schema(as = FetchDeviceToken)]
#[expect(dead_code, reason = "the document's form of parameters that are read one by one")]
pub(crate) struct Request {
    /// The grant type of RFC 8628.
    #[schema(example = "urn:ietf:params:oauth:grant-type:device_code")]
    grant_type: String,
    /// The `device_code` of the program.
    #[schema(example = "Xq3vJ2mB8kW0pT5nYc7dRg.hL9…")]
    device_code: String,
    /// The name of the program, as it was sent for the codes.
    #[schema(example = "aius-cli", max_length = 100)]
    client_id: String,
}

/// The token of a program.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceToken)]
pub(crate) struct ResponseBody {
    /// A personal token of the person, for the header `Authorization: Bearer`.
    access_token: RevealedToken,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// The seconds until the token expires.
    #[schema(example = 7_776_000)]
    expires_in: u64,
    /// What the token may do, with spaces between the scopes. The person may have allowed fewer than were asked for.
    #[schema(example = "projects:read runs:write")]
    scope: String,
}

/// Fetch a device's token
///
/// Answers a program that waits for a person (RFC 8628). Ask again after `interval` seconds while `error` is
/// `authorization_pending`. After `slow_down`, wait 5 seconds longer before each further request. The token is issued
/// once; a program that did not receive it gets the same one again within 60 seconds.
#[utoipa::path(
    post,
    path = "/v1/auth/device/token",
    tag = "Tokens",
    request_body(content = Request, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = ResponseBody, description = "The person allowed the request, and this is the token"),
        (status = 400, body = OAuthErrorBody, description = "`authorization_pending`: ask again after the interval; \
            `slow_down`: wait 5 seconds longer from now on; `access_denied`: the person denied the request, or their account ended it; \
            `expired_token`: ask for new codes; `invalid_grant`: the device code is unknown, used, or belongs to another program; \
            `unsupported_grant_type`; `invalid_client`: the name of the program is malformed; \
            `invalid_request`: a parameter is missing, repeated or malformed"),
        OAuthErrors,
    )
)]
pub(crate) async fn fetch_device_token(
    State(ctx): State<Context>,
    requester: Requester,
    form: OAuthForm,
) -> Result<impl IntoResponse, OAuthRejection> {
    if form.required("grant_type")? != GRANT_TYPE {
        return Err(FlowError::UnsupportedGrantType.into());
    }
    let program = parse_program(&form)?;
    let code = DeviceCode::parse(form.required("device_code")?).ok_or(FlowError::InvalidGrant)?;
    let token = poll(&ctx, &requester, &program, &code).await?;
    let body = ResponseBody {
        expires_in: ctx.now().seconds_until(token.expires_at),
        scope: join_scopes(&token.scopes),
        access_token: token.access_token,
        token_type: "Bearer",
    };
    // RFC 6749, 5.1 asks for it beside `Cache-Control: no-store`, which every response has.
    Ok(([(PRAGMA, "no-cache")], Json(body)))
}
