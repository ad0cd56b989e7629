//! A file in the tables of pages.

use std::collections::BTreeMap;

use shared::artifacts::ArtifactView;
use shared::ids::OrganizationId;

use crate::pages::{Frame, OrganizationPage, TimeText, size_text};

/// A file, or one of its versions, in a table.
pub(crate) struct ArtifactRow {
    /// The path of the file.
    pub(crate) path: String,
    /// The number of the version.
    pub(crate) version: u32,
    pub(crate) size: String,
    pub(crate) kind: &'static str,
    /// When the version was uploaded.
    pub(crate) uploaded: TimeText,
    /// The page of the version.
    pub(crate) page: String,
    /// The link that downloads the version.
    pub(crate) download: String,
    /// The page that deletes the version.
    pub(crate) delete: String,
    /// The project: its page and its name. `None` if the file belongs to the organization itself.
    pub(crate) project: Option<(String, String)>,
}

impl ArtifactRow {
    /// Creates the rows of files. `names` are the names of the projects by their ids.
    pub(crate) fn all(
        frame: &Frame,
        organization: &OrganizationId,
        artifacts: &[ArtifactView],
        names: &BTreeMap<String, String>,
    ) -> Vec<Self> {
        let files = OrganizationPage::Artifacts.path(organization);
        let projects = OrganizationPage::Projects.path(organization);
        let row = |artifact: &ArtifactView| {
            let page = format!("{files}/{}", artifact.id);
            let project = artifact.project_id.as_ref().map(|id| {
                let name = names.get(id).cloned().unwrap_or_else(|| "Project".to_owned());
                (format!("{projects}/{id}"), name)
            });
            Self {
                path: artifact.path.clone(),
                version: artifact.version,
                size: size_text(artifact.size),
                kind: artifact.kind.as_str(),
                uploaded: frame.time(&artifact.created_at),
                download: format!("{page}/download"),
                delete: format!("{page}/delete"),
                page,
                project,
            }
        };
        artifacts.iter().map(row).collect()
    }
}
