//! Errors of the token and userinfo endpoints (RFC 6749, section 5.2, and RFC 6750, section 3).

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::signing_keys::SigningError;

/// An OAuth error response with the body `{"error","error_description"}`.
#[derive(Debug)]
pub(crate) struct OauthError {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    /// The authentication scheme of the `WWW-Authenticate` header.
    auth_scheme: Option<&'static str>,
}

impl OauthError {
    /// Returns a 400 with an error code and a description.
    pub(crate) fn new(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description, auth_scheme: None }
    }

    /// Turns the error into a 401 that names the expected authentication scheme.
    pub(crate) fn with_unauthorized(self, auth_scheme: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, auth_scheme: Some(auth_scheme), ..self }
    }
}

impl From<SigningError> for OauthError {
    fn from(error: SigningError) -> Self {
        tracing::error!(cause = ?error, "the signing key is not available");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, ..Self::new("internal_failure", "The signing key is not available") }
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let mut response = (self.status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response();
        if let Some(auth_scheme) = self.auth_scheme {
            let value = format!("{auth_scheme} realm=\"local\", error=\"{}\"", self.error);
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(WWW_AUTHENTICATE, value);
            }
        }
        response
    }
}
