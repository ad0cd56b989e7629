//! The query parameters `action`, `user`, `from` and `to` of an activity log.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::query_parameters::QueryParameters;
use super::{Rejection, Result};
use crate::activity::ActivityFilter;

impl<S: Sync> FromRequestParts<S> for ActivityFilter {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = QueryParameters::parse(&parts.uri)?;
        let single = |name| parameters.single(name);
        Ok(Self::parse(single("action")?, single("user")?, single("from")?, single("to")?)?)
    }
}
