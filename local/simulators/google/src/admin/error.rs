//! Error responses of the control endpoints.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error response with the body `{"detail":"…"}`.
#[derive(Debug)]
pub(crate) struct AdminError {
    status: StatusCode,
    detail: String,
}

impl AdminError {
    /// Returns a 400 for a request that makes no sense.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, detail: detail.into() }
    }

    /// Returns a 500 with the message of an error and of its causes.
    pub(crate) fn internal(error: impl std::error::Error) -> Self {
        let mut detail = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            detail = format!("{detail}: {error}");
            cause = error.source();
        }
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, detail }
    }
}

impl From<JsonRejection> for AdminError {
    fn from(rejection: JsonRejection) -> Self {
        // Browsers let any web page send other content types without a CORS preflight request.
        if let JsonRejection::MissingJsonContentType(_) = rejection {
            return Self {
                status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                detail: "Content-Type must be application/json".to_owned(),
            };
        }
        Self::bad_request(rejection.body_text())
    }
}

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"detail": self.detail}))).into_response()
    }
}
