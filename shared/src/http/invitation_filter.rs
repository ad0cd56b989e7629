//! The query parameter `status` of a list of invitations.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::query_parameters::QueryParameters;
use super::{Rejection, Result};
use crate::organizations::invitations::InvitationStatus;

/// The filter of a list of invitations, from `?status=`.
///
/// Rejects with `InvalidField` if the state is unknown or the parameter is repeated.
#[derive(Clone, Copy, Debug)]
pub struct InvitationFilter(pub Option<InvitationStatus>);

impl<S: Sync> FromRequestParts<S> for InvitationFilter {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = QueryParameters::parse(&parts.uri)?;
        Ok(Self(parameters.single("status")?.map(InvitationStatus::parse).transpose()?))
    }
}
