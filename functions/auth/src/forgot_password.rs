//! `POST /v1/password/forgot`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::request_code::{RequestedCode, request_code};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SwitchErrors, ThrottleErrors};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for requesting a password reset.
#[derive(Deserialize, ToSchema)]
#[schema(as = ForgotPassword)]
pub(crate) struct Request {
    /// Email address of the account, in any case.
    #[schema(example = "dev@example.com")]
    email: String,
}

/// Response to a request for a password reset. It is the same for every address.
#[derive(Serialize, ToSchema)]
#[schema(as = ResetCodeSent)]
pub(crate) struct ResponseBody {
    /// A message to show to the user. Its text may change.
    #[schema(example = "If this address has an account, a link and a code are on their way")]
    message: &'static str,
}

/// Request password reset
///
/// Mails a link and a code for `/v1/password/reset`, also while sign-ins are delayed. The link is valid for 30
/// minutes, and wrong codes do not spend it. An address gets at most one mail a minute and 10 in 30 minutes,
/// and one network causes at most 5 in 15 minutes. The response is the same for every address, so it does
/// not reveal which ones have an account.
#[utoipa::path(
    post,
    path = "/v1/password/forgot",
    tag = "Signing in",
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "A link and a code were mailed if the address has an account"),
        (status = 400, body = ErrorBody, description = "`MISSING_EMAIL`, `INVALID_EMAIL`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        BodyErrors,
        ThrottleErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn forgot_password(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    let email = EmailAddress::parse(&body.email)?;
    request_code(&ctx, &requester, RequestedCode::PasswordReset, &email).await?;
    Ok(Json(ResponseBody {
        message: "If this address has an account, a link and a code are on their way",
    }))
}
