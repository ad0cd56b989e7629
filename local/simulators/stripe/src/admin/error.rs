//! Error responses of the control endpoints.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The result of a control endpoint.
pub(crate) type AdminResult<T> = Result<T, AdminError>;

/// An error response with the body `{"detail":"…"}`.
#[derive(Debug)]
pub(crate) struct AdminError {
    status: StatusCode,
    detail: String,
}

impl AdminError {
    /// Returns an error with this status.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }

    /// Returns a 400 for a request that makes no sense.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
}

impl From<JsonRejection> for AdminError {
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

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"detail": self.detail}))).into_response()
    }
}
