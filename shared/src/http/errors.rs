//! The one table from errors to HTTP.

use axum::Json;
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;

/// How a refusal or failure is answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What went wrong.
    detail: Detail,
}

/// Credential checks answer a text, everything else a code with a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Detail {
    /// A code to program against and a message for people.
    Coded {
        /// Stable.
        #[schema(example = "INVALID_CREDENTIALS")]
        code: String,
        /// For people; may change.
        #[schema(example = "Invalid email or password")]
        message: String,
    },
    /// What is wrong with the credential.
    #[schema(example = "invalid token")]
    Text(String),
}

impl Error {
    fn status(&self) -> StatusCode {
        match self {
            Self::Missing(_)
            | Self::MissingField(_)
            | Self::InvalidField { .. }
            | Self::InvalidEmail
            | Self::PasswordTooWeak(_)
            | Self::InvalidCode
            | Self::InvalidJson(_)
            | Self::InvalidCursor => StatusCode::BAD_REQUEST,
            Self::InvalidCredentials
            | Self::MissingBearer
            | Self::InvalidAuthorization
            | Self::EmptyBearer
            | Self::InvalidToken
            | Self::MissingSession
            | Self::InvalidSession => StatusCode::UNAUTHORIZED,
            Self::SessionRequired | Self::BadOrigin | Self::EmailNotVerified => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::EmailAlreadyExists | Self::IdempotencyConflict => StatusCode::CONFLICT,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) | Self::Conflict => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn detail(&self) -> Detail {
        let code = match self {
            Self::Missing(field) => format!("MISSING_{}", field.to_ascii_uppercase()),
            Self::MissingField(field) => format!("MISSING_{}", field.to_ascii_uppercase()),
            Self::InvalidField { .. } => "INVALID_FIELD".to_owned(),
            Self::InvalidEmail => "INVALID_EMAIL".to_owned(),
            Self::PasswordTooWeak(_) => "PASSWORD_TOO_WEAK".to_owned(),
            Self::InvalidCode => "INVALID_CODE".to_owned(),
            Self::InvalidJson(_) => "INVALID_JSON".to_owned(),
            Self::InvalidCursor => "INVALID_CURSOR".to_owned(),
            Self::InvalidCredentials => "INVALID_CREDENTIALS".to_owned(),
            Self::MissingBearer
            | Self::InvalidAuthorization
            | Self::EmptyBearer
            | Self::InvalidToken
            | Self::MissingSession
            | Self::InvalidSession => return Detail::Text(self.to_string()),
            Self::SessionRequired => "SESSION_REQUIRED".to_owned(),
            Self::BadOrigin => "BAD_ORIGIN".to_owned(),
            Self::EmailNotVerified => "EMAIL_NOT_VERIFIED".to_owned(),
            Self::NotFound => "NOT_FOUND".to_owned(),
            Self::MethodNotAllowed(_) => "METHOD_NOT_ALLOWED".to_owned(),
            Self::EmailAlreadyExists => "EMAIL_ALREADY_EXISTS".to_owned(),
            Self::IdempotencyConflict => "IDEMPOTENCY_CONFLICT".to_owned(),
            Self::BodyTooLarge(_) => "BODY_TOO_LARGE".to_owned(),
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE".to_owned(),
            Self::RateLimited { .. } => "RATE_LIMITED".to_owned(),
            Self::Internal(_) => "INTERNAL".to_owned(),
            Self::Unavailable(_) | Self::Conflict => "UNAVAILABLE".to_owned(),
        };
        Detail::Coded { code, message: self.to_string() }
    }
}

/// Seconds after which a caller may try again when something of ours was down or busy.
const RETRY_UNAVAILABLE_AFTER: u64 = 1;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        // Here is the boundary: what engineers need to know is logged once, and here.
        match &self {
            Self::Internal(cause) => tracing::error!(cause = ?cause, "internal error"),
            Self::Unavailable(cause) => tracing::error!(cause = ?cause, "a dependency failed"),
            Self::Conflict => tracing::warn!("conflicting writes did not settle"),
            Self::Missing(_)
            | Self::MissingField(_)
            | Self::InvalidField { .. }
            | Self::InvalidEmail
            | Self::PasswordTooWeak(_)
            | Self::InvalidCode
            | Self::InvalidJson(_)
            | Self::InvalidCursor
            | Self::BodyTooLarge(_)
            | Self::UnsupportedMediaType
            | Self::InvalidCredentials
            | Self::MissingBearer
            | Self::InvalidAuthorization
            | Self::EmptyBearer
            | Self::InvalidToken
            | Self::MissingSession
            | Self::InvalidSession
            | Self::SessionRequired
            | Self::BadOrigin
            | Self::EmailNotVerified
            | Self::NotFound
            | Self::MethodNotAllowed(_)
            | Self::EmailAlreadyExists
            | Self::IdempotencyConflict
            | Self::RateLimited { .. } => {}
        }
        let mut response =
            (self.status(), Json(ErrorBody { detail: self.detail() })).into_response();
        let headers = response.headers_mut();
        match &self {
            Self::RateLimited { retry_after } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(*retry_after));
            }
            Self::Unavailable(_) | Self::Conflict => {
                headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_UNAVAILABLE_AFTER));
            }
            Self::MethodNotAllowed(methods) => {
                if let Ok(methods) = HeaderValue::from_str(methods) {
                    headers.insert(ALLOW, methods);
                }
            }
            _ => {}
        }
        response
    }
}
