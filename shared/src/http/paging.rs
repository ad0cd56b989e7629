//! `?limit=` and `?cursor=` of lists.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use crate::dynamo::page::{DEFAULT_LIMIT, MAX_LIMIT, PageRequest};
use crate::error::{Error, Result};

impl<S: Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = Parameters::of(&parts.uri)?;
        let limit = match parameters.all("limit").as_slice() {
            [] => Some(DEFAULT_LIMIT),
            [limit] => limit.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)),
            [_, _, ..] => None,
        };
        let limit = limit
            .ok_or_else(|| Error::invalid_field("limit", format!("1 to {MAX_LIMIT}, once")))?;
        let cursor = match parameters.all("cursor").as_slice() {
            [] => None,
            [cursor] => Some((*cursor).to_owned()),
            [_, _, ..] => return Err(Error::InvalidCursor),
        };
        Ok(Self { limit, cursor })
    }
}
