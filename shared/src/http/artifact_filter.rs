//! The query parameters `project_id` and `kind` of an artifact list.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::query_parameters::QueryParameters;
use super::{Rejection, Result};
use crate::artifacts::ArtifactKind;
use crate::error::{self, Error};
use crate::ids::ProjectId;

/// The filter of an artifact list, from `?project_id=` and `?kind=`.
///
/// Rejects with `NotFound` if `project_id` cannot be a project's id, and with `InvalidField` if `kind` is
/// unknown or a parameter is repeated.
#[derive(Debug)]
pub struct ArtifactFilter {
    /// The project that holds the artifacts.
    pub project: Option<ProjectId>,
    /// The kind of the artifacts.
    pub kind: Option<ArtifactKind>,
}

impl<S: Sync> FromRequestParts<S> for ArtifactFilter {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = QueryParameters::parse(&parts.uri)?;
        let project = parameters.single("project_id")?.map(parse_project_id).transpose()?;
        let kind = parameters.single("kind")?.map(ArtifactKind::parse).transpose()?;
        Ok(Self { project, kind })
    }
}

/// Reads the project id in a field `project_id`.
///
/// # Errors
/// `NotFound` if the text cannot be a project's id.
pub fn parse_project_id(id: &str) -> error::Result<ProjectId> {
    id.parse().map_err(|_| Error::NotFound)
}
