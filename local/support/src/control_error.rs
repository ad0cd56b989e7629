//! Error responses of the control endpoints, which people and tests call under `/local`.

use std::error::Error;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::error_chain::describe_error_chain;

/// The result of a control endpoint.
pub type ControlResult<T> = Result<T, ControlError>;

/// An error response with the body `{"detail":"…"}`.
#[derive(Debug)]
pub struct ControlError {
    status: StatusCode,
    detail: String,
}

impl ControlError {
    /// Returns an error with this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }

    /// Returns a 400 for an invalid request.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Returns a 500 with the message of an error and of its causes.
    pub fn internal(error: impl Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, describe_error_chain(&error))
    }
}

impl From<QueryRejection> for ControlError {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

impl From<JsonRejection> for ControlError {
    fn from(rejection: JsonRejection) -> Self {
        // Browsers let any web page send other content types without a CORS preflight request.
        if let JsonRejection::MissingJsonContentType(_) = rejection {
            return Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Content-Type must be application/json",
            );
        }
        Self::bad_request(rejection.body_text())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"detail": self.detail}))).into_response()
    }
}
