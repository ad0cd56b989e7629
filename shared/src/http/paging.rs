//! `?limit=` and `?cursor=` of lists.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;

use crate::dynamo::page::{DEFAULT_LIMIT, MAX_LIMIT, PageRequest};
use crate::error::{Error, Result};

#[derive(Deserialize)]
struct Parameters {
    limit: Option<String>,
    cursor: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let Query(Parameters { limit, cursor }) = Query::try_from_uri(&parts.uri)
            .map_err(|_| Error::invalid_field("limit", "once, and readable"))?;
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| Error::invalid_field("limit", format!("1 to {MAX_LIMIT}")))?,
        };
        Ok(Self { limit, cursor })
    }
}
