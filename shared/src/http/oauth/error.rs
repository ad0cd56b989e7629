//! Errors in the form of OAuth 2.0, which is at the same time the form of all other errors of the API.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::device_sign_in::FlowError;
use crate::error::Error;
use crate::http::errors::{Detail, Wording, log_error, status_and_wording};
use crate::http::rejection::retry_after_of;

/// The body of a refused or failed request in the form of RFC 6749, 5.2, with the `detail` of every other error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub struct OAuthErrorBody {
    /// The error code of RFC 6749 or RFC 8628.
    #[schema(example = "authorization_pending")]
    error: &'static str,
    /// A sentence for the developers of the program. The text may change.
    #[schema(example = "The person has not answered yet; ask again after the interval")]
    error_description: String,
    /// The same in the form of all other calls.
    detail: Detail,
}

/// Errors of the calls of RFC 8628 beside their protocol errors.
#[derive(IntoResponses)]
pub enum OAuthErrors {
    /// `invalid_request`: the message states the limit in bytes
    #[response(status = 413)]
    TooLarge(OAuthErrorBody),
    /// `invalid_request`: send `Content-Type: application/x-www-form-urlencoded`
    #[response(status = 415)]
    MediaType(OAuthErrorBody),
    /// `temporarily_unavailable`: try again after the number of seconds in `retry-after`
    #[response(status = 503)]
    Unavailable(OAuthErrorBody),
}

/// The reason why a request of a program was refused or failed.
#[derive(Debug)]
pub enum OAuthRejection {
    /// The body is not URL-encoded.
    UnsupportedMediaType,
    /// The protocol or the operation refused.
    Flow(FlowError),
}

impl From<FlowError> for OAuthRejection {
    fn from(error: FlowError) -> Self {
        Self::Flow(error)
    }
}

impl From<Error> for OAuthRejection {
    fn from(error: Error) -> Self {
        Self::Flow(error.into())
    }
}

/// Returns the status of an error, the code of the RFCs and the code of the API.
fn classify(error: &FlowError) -> (StatusCode, &'static str, String) {
    let cause = error.cause().map(status_and_wording);
    let cause = cause.map(|(status, wording)| match wording {
        Wording::Code(code) => (status, code.into_owned()),
        Wording::Text => (status, "INVALID_FIELD".to_owned()),
    });
    match (error.code(), cause) {
        (Some(code), None) => (StatusCode::BAD_REQUEST, code, code.to_ascii_uppercase()),
        // A field that is missing or malformed has the code that it has in all other calls.
        (Some(code), Some((_, detail))) => (StatusCode::BAD_REQUEST, code, detail),
        (None, Some((status, detail))) => (status, code_of_status(status), detail),
        (None, None) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "INTERNAL".to_owned()),
    }
}

/// Returns the code for a failure of an operation. RFC 6749, 4.1.2.1 registers those of the server's failures.
fn code_of_status(status: StatusCode) -> &'static str {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            "temporarily_unavailable"
        }
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    }
}

impl IntoResponse for OAuthRejection {
    fn into_response(self) -> Response {
        let mut retry_after = None;
        let ((status, error, code), message) = match &self {
            Self::UnsupportedMediaType => (
                (
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "invalid_request",
                    "UNSUPPORTED_MEDIA_TYPE".to_owned(),
                ),
                "Content-Type must be application/x-www-form-urlencoded".to_owned(),
            ),
            Self::Flow(error) => {
                if let FlowError::Operation(cause) = error {
                    log_error(cause);
                    retry_after = retry_after_of(cause);
                }
                (classify(error), error.to_string())
            }
        };
        let detail = Detail::Coded { code, message: message.clone(), clients: None, members: None };
        let body = OAuthErrorBody { error, error_description: message, detail };
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
