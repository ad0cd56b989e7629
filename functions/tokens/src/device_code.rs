//! `POST /v1/auth/device/code`

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use shared::context::Context;
use shared::device_sign_in::start::{DeviceSignInParams, start};
use shared::device_sign_in::{DEVICE_CODE_TTL, FlowError, POLL_INTERVAL, VERIFICATION_PATH};
use shared::http::{OAuthErrorBody, OAuthErrors, OAuthForm, OAuthRejection};
use shared::requester::Requester;
use shared::tokens::parse_scopes;
use shared::values::Name;
use utoipa::ToSchema;

use crate::device_client::parse_program;

/// Parameters of a program that wants to be signed in.
#[derive(Deserialize, ToSchema)]
#[schema(as = StartDeviceSignIn)]
#[expect(dead_code, reason = "the document's form of parameters that are read one by one")]
pub(crate) struct Request {
    /// The name of the program, on one line. The person sees it.
    #[schema(example = "aius-cli", max_length = 100)]
    client_id: String,
    /// What the program asks to be allowed: scopes of tokens, with spaces between them. The person can allow fewer.
    #[schema(example = "projects:read runs:write")]
    scope: String,
    /// The name of the computer or device, on one line. The person sees it.
    #[schema(example = "ada-laptop", max_length = 100)]
    device_name: Option<String>,
}

/// The codes of a program.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceCodes)]
pub(crate) struct ResponseBody {
    /// The code with which the program asks for its token. Keep it secret.
    #[schema(example = "Xq3vJ2mB8kW0pT5nYc7dRg.hL9…")]
    device_code: String,
    /// The code that the program shows to the person.
    #[schema(example = "WDJB-MJHT")]
    user_code: String,
    /// The page on which the person enters the code.
    #[schema(example = "https://aius.co/account/device")]
    verification_uri: String,
    /// The same page with the code filled in, for a browser or a QR code. The person still has to confirm the code.
    #[schema(example = "https://aius.co/account/device?user_code=WDJB-MJHT")]
    verification_uri_complete: String,
    /// The seconds until the codes expire.
    #[schema(example = 600)]
    expires_in: u64,
    /// The seconds to wait between two requests for the token.
    #[schema(example = 5)]
    interval: u64,
}

/// Start a device sign-in
///
/// Issues the codes of the device authorization grant (RFC 8628), for command lines and devices without a browser. Show
/// `user_code` and `verification_uri`, or open `verification_uri_complete`, and then ask for the token at
/// `/v1/auth/device/token`. The program is public: there is no client secret, and `client_id` is a name of your choice.
#[utoipa::path(
    post,
    path = "/v1/auth/device/code",
    tag = "Tokens",
    request_body(content = Request, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = ResponseBody, description = "The codes were issued"),
        (status = 400, body = OAuthErrorBody, description = "`invalid_request`: a parameter is missing, repeated or malformed; \
            `invalid_client`: the name of the program is malformed; `invalid_scope`: name at least one scope, and only known ones"),
        (status = 429, body = OAuthErrorBody, description = "`temporarily_unavailable`: try again after the number of seconds in `retry-after`"),
        OAuthErrors,
    )
)]
pub(crate) async fn start_device_sign_in(
    State(ctx): State<Context>,
    requester: Requester,
    form: OAuthForm,
) -> Result<impl IntoResponse, OAuthRejection> {
    let codes = start(&ctx, &requester, &parse(&form)?).await?;
    let verification_uri = format!("{}{VERIFICATION_PATH}", ctx.config.base_url);
    let user_code = codes.user_code.shown();
    Ok(Json(ResponseBody {
        device_code: codes.device_code.reveal().to_owned(),
        verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
        verification_uri,
        user_code,
        expires_in: DEVICE_CODE_TTL.as_secs(),
        interval: POLL_INTERVAL.as_secs(),
    }))
}

fn parse(form: &OAuthForm) -> Result<DeviceSignInParams, FlowError> {
    let device = form.optional("device_name").unwrap_or_default();
    let device = Name::parse_field("device_name", device).map_err(FlowError::InvalidRequest)?;
    Ok(DeviceSignInParams {
        program: parse_program(form)?,
        device,
        scopes: parse_scopes(form.optional("scope").unwrap_or_default())
            .map_err(FlowError::InvalidScope)?,
    })
}
