//! The organization and the version of a file in a page's path.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use shared::error::Error;
use shared::http::Ids;
use shared::ids::{ArtifactId, OrganizationId};

use crate::pages::{ForPage, OrganizationPage, PageError};

/// The organization and the version of a file in a page's path. Rejects a file of another organization with `NotFound`.
#[derive(Clone)]
pub(crate) struct ArtifactPath {
    pub(crate) organization: OrganizationId,
    pub(crate) artifact: ArtifactId,
}

impl ArtifactPath {
    /// Returns the path of the version's page.
    pub(crate) fn page(&self) -> String {
        format!("{}/{}", OrganizationPage::Artifacts.path(&self.organization), self.artifact)
    }

    /// Returns the path of the page that the file is listed on: its project's, or that of all files.
    pub(crate) fn list(&self) -> String {
        match self.artifact.project() {
            Some(project) => {
                format!("{}/{project}", OrganizationPage::Projects.path(&self.organization))
            }
            None => OrganizationPage::Artifacts.path(&self.organization),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ArtifactPath {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let ForPage(Ids(organization, artifact)) =
            ForPage::<Ids<OrganizationId, ArtifactId>>::from_request_parts(parts, state).await?;
        if artifact.organization() != organization {
            return Err(Error::NotFound.into());
        }
        Ok(Self { organization, artifact })
    }
}
