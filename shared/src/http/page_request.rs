//! The query parameters `limit` and `cursor` of a list.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::query_parameters::QueryParameters;
use super::{Rejection, Result};
use crate::dynamo::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, PageRequest};
use crate::error::Error;

/// The requested page of a list, from the query parameters `limit` and `cursor`.
#[derive(Clone, Debug)]
pub struct Paging(pub PageRequest);

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = QueryParameters::parse(&parts.uri)?;
        let limit = match parameters.all("limit").as_slice() {
            [] => Some(DEFAULT_PAGE_SIZE),
            [limit] => limit.parse().ok().filter(|limit| (1..=MAX_PAGE_SIZE).contains(limit)),
            [_, _, ..] => None,
        };
        let limit = limit.ok_or_else(|| {
            let why = format!("must be a whole number from 1 to {MAX_PAGE_SIZE}, sent once");
            Error::invalid_field("limit", why)
        })?;
        let cursor = match parameters.all("cursor").as_slice() {
            [] => None,
            [cursor] => Some((*cursor).to_owned()),
            [_, _, ..] => return Err(Error::InvalidCursor.into()),
        };
        Ok(Self(PageRequest { limit, cursor }))
    }
}
