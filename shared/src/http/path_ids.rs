//! Extractors for ids in paths.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::{Rejection, Result};
use crate::error::Error;

/// The two ids in a path, in their order. Rejects with `NotFound` if one of them is malformed.
#[derive(Debug)]
pub struct Ids<A, B>(pub A, pub B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((first, second)) = path.map_err(|_| Error::NotFound)?;
        let both = first.parse().ok().zip(second.parse().ok());
        let (first, second) = both.ok_or(Error::NotFound)?;
        Ok(Self(first, second))
    }
}

/// The id in a path. Rejects with `NotFound` if it is malformed.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| Error::NotFound)?;
        let id = text.parse().map_err(|_| Error::NotFound)?;
        Ok(Self(id))
    }
}
