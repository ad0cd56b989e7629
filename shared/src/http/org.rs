//! `org_id`: the organization that something is asked for in.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::not_blank;
use super::parameters::Parameters;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;

/// The organization that `?org_id=` names. [`Error::Missing`] where it names none; what can't be an id
/// names nothing: [`Error::NotFound`].
#[derive(Debug)]
pub struct Org(pub OrganizationId);

impl<S: Sync> FromRequestParts<S> for Org {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = Parameters::of(&parts.uri)?;
        org(parameters.one("org_id")?.unwrap_or_default()).map(Self)
    }
}

/// The organization that a field `org_id` names; errors as of [`Org`].
pub fn org(id: &str) -> Result<OrganizationId> {
    not_blank("org_id", id)?;
    id.parse().map_err(|_| Error::NotFound)
}
