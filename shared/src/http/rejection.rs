//! Refusals of the HTTP layer, and how every refusal and failure becomes a response.

use axum::Json;
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::errors::{self, Detail, ErrorBody, Wording};
use crate::error::Error;

/// Seconds after which a caller may retry when a dependency is down or the service is busy.
const RETRY_UNAVAILABLE_AFTER: u64 = 1;

/// Seconds after which a caller may try a feature again that an operator has switched off.
const RETRY_DISABLED_AFTER: u64 = 60;

/// The reason why a request was refused or failed: one of the HTTP layer's own, or an operation's error.
///
/// `Display` is the message for callers of the API.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// The body is not a JSON object. Holds a sentence that says where it is wrong.
    #[error("{0}")]
    InvalidJson(String),
    /// The body is longer than the route allows. Holds the limit in bytes.
    #[error("The body is larger than {0} bytes")]
    BodyTooLarge(usize),
    /// The `Content-Type` is not JSON.
    #[error("Content-Type must be application/json")]
    UnsupportedMediaType,
    /// The request has no credential, and a session or a bearer token is required.
    #[error("missing bearer token")]
    MissingBearer,
    /// The `Authorization` header does not begin with `Bearer`.
    #[error("invalid authorization header")]
    InvalidAuthorization,
    /// The `Authorization` header has no token after `Bearer`.
    #[error("invalid bearer token")]
    EmptyBearer,
    /// The request has no credential, and a session is required.
    #[error("missing session")]
    MissingSession,
    /// A browser sent the request from another site.
    #[error("Requests from other sites are refused")]
    BadOrigin,
    /// The path has no such method. Holds the methods that it has, for `Allow`, to which `HEAD` is added beside `GET`;
    /// empty where axum sets that header itself.
    #[error("Method not allowed")]
    MethodNotAllowed(String),
    /// The operation was refused or failed.
    #[error(transparent)]
    Operation(#[from] Error),
}

impl Rejection {
    fn status_and_wording(&self) -> (StatusCode, Wording) {
        let (status, code) = match self {
            Self::InvalidJson(_) => (StatusCode::BAD_REQUEST, "INVALID_JSON"),
            Self::BodyTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE")
            }
            Self::MissingBearer
            | Self::InvalidAuthorization
            | Self::EmptyBearer
            | Self::MissingSession => return (StatusCode::UNAUTHORIZED, Wording::Text),
            Self::BadOrigin => (StatusCode::FORBIDDEN, "BAD_ORIGIN"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::Operation(error) => return errors::status_and_wording(error),
        };
        (status, Wording::Code(code.into()))
    }

    /// Returns the header that tells the caller what to do next.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        if let Self::Operation(error) = self {
            let seconds = retry_after_of(error)?;
            return Some((RETRY_AFTER, HeaderValue::from(seconds)));
        }
        if let Self::MethodNotAllowed(methods) = self
            && !methods.is_empty()
        {
            return HeaderValue::from_str(&with_head(methods)).ok().map(|methods| (ALLOW, methods));
        }
        None
    }
}

/// Returns the seconds after which a caller may retry after an error that passes.
pub(super) fn retry_after_of(error: &Error) -> Option<u64> {
    if let Error::RateLimited { retry_after } = error {
        return Some(*retry_after);
    }
    if let Error::Disabled(_) = error {
        return Some(RETRY_DISABLED_AFTER);
    }
    matches!(error, Error::Unavailable(_) | Error::Contention | Error::Overloaded)
        .then_some(RETRY_UNAVAILABLE_AFTER)
}

/// Adds `HEAD` to a list of methods that has `GET` and not `HEAD`: every route of `GET` answers it.
fn with_head(methods: &str) -> String {
    let has = |wanted: &str| methods.split(',').any(|method| method == wanted);
    if has("GET") && !has("HEAD") {
        methods.replacen("GET", "GET,HEAD", 1)
    } else {
        methods.to_owned()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (mut clients, mut members) = (None, None);
        if let Self::Operation(error) = &self {
            errors::log_error(error);
            clients = errors::named_organizations(error);
            members = errors::named_members(error);
        }
        let message = self.to_string();
        let (status, wording) = self.status_and_wording();
        let detail = match wording {
            Wording::Code(code) => {
                Detail::Coded { code: code.into_owned(), message, clients, members }
            }
            Wording::Text => Detail::Text(message),
        };
        let mut response = (status, Json(ErrorBody::new(detail))).into_response();
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
