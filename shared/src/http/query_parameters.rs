//! Extractors for query parameters.

use axum::extract::Query;
use axum::http::Uri;

use crate::error::{Error, Result};

/// The decoded query parameters of a request, in their order.
#[derive(Debug)]
pub struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    /// Reads the query of a URI.
    ///
    /// # Errors
    /// `InvalidField` if the query cannot be decoded.
    pub fn parse(uri: &Uri) -> Result<Self> {
        let Query(parameters) = Query::try_from_uri(uri)
            .map_err(|_| Error::invalid_field("query", "must be URL-encoded"))?;
        Ok(Self(parameters))
    }

    /// Returns all values of a parameter.
    pub fn all(&self, wanted: &str) -> Vec<&str> {
        let pairs = self.0.iter().filter(|(name, _)| name == wanted);
        pairs.map(|(_, value)| value.as_str()).collect()
    }

    /// Returns the value of a parameter that may occur once.
    ///
    /// # Errors
    /// `InvalidField` if the parameter is repeated.
    pub fn single(&self, wanted: &str) -> Result<Option<&str>> {
        match self.all(wanted).as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            [_, _, ..] => Err(Error::invalid_field(wanted, "must be sent once")),
        }
    }
}
