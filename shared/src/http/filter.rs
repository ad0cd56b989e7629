//! `?action=`, `?user=`, `?from=` and `?to=` of an activity log.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use crate::activity::Filter;
use crate::error::{Error, Result};

impl<S: Sync> FromRequestParts<S> for Filter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = Parameters::of(&parts.uri)?;
        let one = |name| parameters.one(name);
        Self::parse(one("action")?, one("user")?, one("from")?, one("to")?)
    }
}
