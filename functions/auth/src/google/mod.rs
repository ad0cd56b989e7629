//! `/v1/auth/google…` and `/v1/me/connections`.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod connections;

use axum::extract::Query;
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use shared::error::{Error, Result};

/// The decoded query parameters of a request.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(parts: &Parts) -> Result<Self> {
        let Query(all) = Query::try_from_uri(&parts.uri)
            .map_err(|_| Error::invalid_field("query", "not readable"))?;
        Ok(Self(all))
    }

    /// Returns the value of a parameter. Fails if it is sent more than once.
    fn get(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.as_str());
        if values.next().is_some() {
            return Err(Error::invalid_field(name, "sent more than once"));
        }
        Ok(first)
    }
}

/// Returns a redirect with status 302.
fn found(location: &str) -> Result<Response> {
    let location = HeaderValue::from_str(location).map_err(Error::internal)?;
    Ok((StatusCode::FOUND, [(LOCATION, location)]).into_response())
}
