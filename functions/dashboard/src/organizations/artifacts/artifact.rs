//! `/account/organizations/{client_id}/artifacts/{artifact_id}`: a file with its versions.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use shared::artifacts::ArtifactView;
use shared::artifacts::versions::list_versions;
use shared::context::Context;
use shared::dynamo::PageRequest;
use shared::error::Error;
use shared::organizations::rights::Right;
use shared::projects::read::read;

use super::{ArtifactPath, ArtifactRow};
use crate::pages::{
    Frame, Loaded, NavigationItem, OrganizationPage, PageError, PageQuery, PageResult, Pager,
    Visitor, html,
};

const PAGE_SIZE: u16 = 50;

#[derive(Template)]
#[template(path = "organizations/artifacts/artifact.html")]
struct ArtifactPage<'a> {
    frame: &'a Frame,
    /// The version that the path names, or the newest one on another page of the list.
    artifact: ArtifactView,
    list_path: String,
    /// The name of the project that the file belongs to, if it belongs to one.
    project_name: Option<String>,
    /// The sentence that says that the project cannot be loaded.
    unavailable: Option<String>,
    rows: Vec<ArtifactRow>,
    pager: Pager,
}

/// Shows a file with its versions, newest first.
pub(crate) async fn artifact_page(
    State(ctx): State<Context>,
    paths: ArtifactPath,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let request = query.list(PAGE_SIZE);
    let project = async {
        match paths.artifact.project() {
            Some(project) => read(&ctx, &visitor.caller, &project).await.map(Some),
            None => Ok(None),
        }
    };
    let (loaded, project) = tokio::join!(load(&ctx, &paths, &visitor, &request.page), project);
    let (frame, versions, next_cursor) = loaded?;
    let (project_name, unavailable) = match Loaded::new("The project", project)? {
        Loaded::Ready(project) => (project.map(|project| project.name), None),
        Loaded::Unavailable(message) => (Some("Project".to_owned()), Some(message)),
    };
    let artifact = named_version(&paths, &versions)?;
    let frame = frame.with_title(artifact.path.clone());
    let pager = Pager::new(&paths.page(), &[], &request, next_cursor.as_deref());
    let rows = ArtifactRow::all(&frame, &paths.organization, &versions, &BTreeMap::new());
    let list_path = paths.list();
    html(&ArtifactPage {
        frame: &frame,
        artifact,
        list_path,
        project_name,
        unavailable,
        rows,
        pager,
    })
}

/// Loads the frame and a page of the file's versions.
pub(super) async fn load(
    ctx: &Context,
    paths: &ArtifactPath,
    visitor: &Visitor,
    request: &PageRequest,
) -> Result<(Frame, Vec<ArtifactView>, Option<String>), PageError> {
    let item = NavigationItem::Organization(&paths.organization, OrganizationPage::Artifacts);
    let (frame, versions) = tokio::join!(
        Frame::load(ctx, visitor, item),
        list_versions(ctx, &visitor.caller, &paths.artifact, request)
    );
    let (frame, versions) = (frame?, versions?);
    Ok((frame, versions.data, versions.next_cursor))
}

/// Returns the version that the path names, or the newest of the given ones.
pub(super) fn named_version(
    paths: &ArtifactPath,
    versions: &[ArtifactView],
) -> Result<ArtifactView, PageError> {
    let named = versions.iter().find(|version| version.id == paths.artifact.as_str());
    Ok(named.or(versions.first()).ok_or(Error::NotFound)?.clone())
}

impl ArtifactPage<'_> {
    /// Returns whether the person may delete versions.
    fn can_change(&self) -> bool {
        self.frame.can(Right::ManageProjects)
    }
}
