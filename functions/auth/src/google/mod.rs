//! `/v1/auth/google…`: what browsers are sent to, and `/v1/me/connections`.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod connections;

use axum::extract::Query;
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use shared::error::{Error, Result};

/// The parameters in an address.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(parts: &Parts) -> Result<Self> {
        let Query(all) = Query::try_from_uri(&parts.uri)
            .map_err(|_| Error::invalid_field("query", "not readable"))?;
        Ok(Self(all))
    }

    /// The value of one that may be there once.
    fn get(&self, name: &str) -> Result<Option<&str>> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.as_str());
        if values.next().is_some() {
            return Err(Error::invalid_field(name, "sent more than once"));
        }
        Ok(first)
    }
}

/// 302
fn found(location: &str) -> Result<Response> {
    let location = HeaderValue::from_str(location).map_err(Error::internal)?;
    Ok((StatusCode::FOUND, [(LOCATION, location)]).into_response())
}
