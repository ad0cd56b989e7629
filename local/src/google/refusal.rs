//! Refusals of the token and the userinfo endpoint (RFC 6749 5.2, RFC 6750 3).

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::keys::KeyError;

/// `{"error","error_description"}`
#[derive(Debug)]
pub(super) struct OauthRefusal {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    /// The scheme in which credentials are to be sent, where those that came were no good.
    challenge: Option<&'static str>,
}

impl OauthRefusal {
    pub(super) fn new(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description, challenge: None }
    }

    /// The same as 401, with the scheme that would do.
    pub(super) fn unauthorized(self, challenge: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, challenge: Some(challenge), ..self }
    }
}

impl From<KeyError> for OauthRefusal {
    fn from(error: KeyError) -> Self {
        tracing::error!(cause = ?error, "no ID token can be signed");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, ..Self::new("internal_failure", "No ID token can be signed") }
    }
}

impl IntoResponse for OauthRefusal {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let mut response = (self.status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response();
        if let Some(challenge) = self.challenge {
            let value = format!("{challenge} realm=\"local\", error=\"{}\"", self.error);
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(WWW_AUTHENTICATE, value);
            }
        }
        response
    }
}
