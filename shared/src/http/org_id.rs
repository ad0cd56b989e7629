//! The field or query parameter `org_id`, which names an organization.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::query_parameters::QueryParameters;
use super::{Rejection, Result, require_not_blank};
use crate::error::{self, Error};
use crate::ids::OrganizationId;

/// The organization that `?org_id=` names.
///
/// Rejects with `Missing` if the parameter is absent or blank, with `NotFound` if it cannot be an
/// organization's id, and with `InvalidField` if it is repeated.
#[derive(Debug)]
pub struct OrgIdParameter(pub OrganizationId);

impl<S: Sync> FromRequestParts<S> for OrgIdParameter {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = QueryParameters::parse(&parts.uri)?;
        Ok(Self(parse_org_id(parameters.single("org_id")?.unwrap_or_default())?))
    }
}

/// Reads the organization id in a field `org_id`.
///
/// # Errors
/// `Missing` if the text is blank; `NotFound` if it cannot be an organization's id.
pub fn parse_org_id(id: &str) -> error::Result<OrganizationId> {
    require_not_blank("org_id", id)?;
    id.parse().map_err(|_| Error::NotFound)
}
