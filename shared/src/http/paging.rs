//! `?limit=` and `?cursor=` of lists.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::dynamo::page::{DEFAULT_LIMIT, MAX_LIMIT, PageRequest};
use crate::error::{Error, Result};

impl<S: Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let Query(parameters) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Error::invalid_field("query", "not readable"))?;
        let all = |wanted: &str| -> Vec<&str> {
            let pairs = parameters.iter().filter(|(name, _)| name == wanted);
            pairs.map(|(_, value)| value.as_str()).collect()
        };
        let limit = match all("limit").as_slice() {
            [] => Some(DEFAULT_LIMIT),
            [limit] => limit.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)),
            [_, _, ..] => None,
        };
        let limit = limit
            .ok_or_else(|| Error::invalid_field("limit", format!("1 to {MAX_LIMIT}, once")))?;
        let cursor = match all("cursor").as_slice() {
            [] => None,
            [cursor] => Some((*cursor).to_owned()),
            [_, _, ..] => return Err(Error::InvalidCursor),
        };
        Ok(Self { limit, cursor })
    }
}
