//! `project_id` and `kind`: which files are asked for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::parameters::Parameters;
use crate::artifacts::Kind;
use crate::error::{Error, Result};
use crate::ids::ProjectId;

/// The project that `?project_id=` names, and the kind that `?kind=` does. What can't be a project's id
/// names nothing: [`Error::NotFound`]; [`Error::InvalidField`] of what is no kind.
#[derive(Debug)]
pub struct Files {
    /// Of that project.
    pub project: Option<ProjectId>,
    /// Of that kind.
    pub kind: Option<Kind>,
}

impl<S: Sync> FromRequestParts<S> for Files {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let parameters = Parameters::of(&parts.uri)?;
        let project = parameters.one("project_id")?.map(project).transpose()?;
        let kind = parameters.one("kind")?.map(Kind::parse).transpose()?;
        Ok(Self { project, kind })
    }
}

/// The project that a field `project_id` names. [`Error::NotFound`].
pub fn project(id: &str) -> Result<ProjectId> {
    id.parse().map_err(|_| Error::NotFound)
}
