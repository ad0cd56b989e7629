//! The field or query parameter `org_id`, which names an organization.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use super::{Rejection, Result, not_blank};
use crate::error::{self, Error};
use crate::ids::OrganizationId;

/// The organization that `?org_id=` names.
///
/// Rejects with `Missing` if the parameter is absent or blank, with `NotFound` if it cannot be an
/// organization's id, and with `InvalidField` if it is repeated.
#[derive(Debug)]
pub struct Org(pub OrganizationId);

impl<S: Sync> FromRequestParts<S> for Org {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = Parameters::parse(&parts.uri)?;
        Ok(Self(org(parameters.single("org_id")?.unwrap_or_default())?))
    }
}

/// Reads the organization id in a field `org_id`.
///
/// # Errors
/// `Missing` if the text is blank; `NotFound` if it cannot be an organization's id.
pub fn org(id: &str) -> error::Result<OrganizationId> {
    not_blank("org_id", id)?;
    id.parse().map_err(|_| Error::NotFound)
}
