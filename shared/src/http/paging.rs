//! The query parameters `limit` and `cursor` of a list.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use super::{Rejection, Result};
use crate::dynamo::page::{DEFAULT_LIMIT, MAX_LIMIT, PageRequest};
use crate::error::Error;

impl<S: Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = Parameters::parse(&parts.uri)?;
        let limit = match parameters.all("limit").as_slice() {
            [] => Some(DEFAULT_LIMIT),
            [limit] => limit.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)),
            [_, _, ..] => None,
        };
        let limit = limit.ok_or_else(|| {
            let why = format!("must be a whole number from 1 to {MAX_LIMIT}, sent once");
            Error::invalid_field("limit", why)
        })?;
        let cursor = match parameters.all("cursor").as_slice() {
            [] => None,
            [cursor] => Some((*cursor).to_owned()),
            [_, _, ..] => return Err(Error::InvalidCursor.into()),
        };
        Ok(Self { limit, cursor })
    }
}
