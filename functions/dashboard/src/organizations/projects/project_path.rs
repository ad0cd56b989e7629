//! The organization and the project in a page's path.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use shared::error::Error;
use shared::http::Ids;
use shared::ids::{OrganizationId, ProjectId};

use crate::pages::{ForPage, OrganizationPage, PageError};

/// The organization and the project in a page's path. Rejects a project of another organization with `NotFound`.
#[derive(Clone)]
pub(crate) struct ProjectPath {
    pub(crate) organization: OrganizationId,
    pub(crate) project: ProjectId,
}

impl ProjectPath {
    /// Returns the path of the project's page.
    pub(crate) fn page(&self) -> String {
        format!("{}/{}", OrganizationPage::Projects.path(&self.organization), self.project)
    }

    /// Returns a path below the project's page.
    pub(crate) fn subpath(&self, part: &str) -> String {
        format!("{}/{part}", self.page())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ProjectPath {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let ForPage(Ids(organization, project)) =
            ForPage::<Ids<OrganizationId, ProjectId>>::from_request_parts(parts, state).await?;
        if project.organization() != organization {
            return Err(Error::NotFound.into());
        }
        Ok(Self { organization, project })
    }
}
