//! What stands behind the `?` of a request.

use axum::extract::Query;
use axum::http::Uri;

use crate::error::{Error, Result};

/// The parameters of a request, decoded, in their order.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// [`Error::InvalidField`] where they can't be read.
    pub(super) fn of(uri: &Uri) -> Result<Self> {
        let Query(parameters) =
            Query::try_from_uri(uri).map_err(|_| Error::invalid_field("query", "not readable"))?;
        Ok(Self(parameters))
    }

    /// All values of one parameter.
    pub(super) fn all(&self, wanted: &str) -> Vec<&str> {
        let pairs = self.0.iter().filter(|(name, _)| name == wanted);
        pairs.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a parameter that may be there once; [`Error::InvalidField`] where it is there twice.
    pub(super) fn one(&self, wanted: &str) -> Result<Option<&str>> {
        match self.all(wanted).as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            [_, _, ..] => Err(Error::invalid_field(wanted, "once")),
        }
    }
}
