//! The query parameter `deleted` of a list of organizations.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::query_parameters::QueryParameters;
use super::{Rejection, Result};
use crate::error::Error;

/// Whether deleted organizations are listed in place of the others, from `?deleted=`. `false` without it.
///
/// Rejects with `InvalidField` if it is not `true` or `false`, or is repeated.
#[derive(Clone, Copy, Debug)]
pub struct DeletedFilter(pub bool);

impl<S: Sync> FromRequestParts<S> for DeletedFilter {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = QueryParameters::parse(&parts.uri)?;
        match parameters.single("deleted")? {
            None | Some("false") => Ok(Self(false)),
            Some("true") => Ok(Self(true)),
            Some(_) => Err(Error::invalid_field("deleted", "must be true or false").into()),
        }
    }
}
