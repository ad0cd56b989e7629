//! `/v1/auth/google…` and `/v1/me/connections`.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod connections;
mod page_redirects;

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use shared::error::{Error, Result};

/// Returns a redirect with status 302.
fn redirect_to(location: &str) -> Result<Response> {
    let location = HeaderValue::from_str(location).map_err(Error::internal)?;
    Ok((StatusCode::FOUND, [(LOCATION, location)]).into_response())
}
