//! `/account/organizations/{client_id}/artifacts`: all files, by project and kind.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use shared::artifacts::ArtifactKind;
use shared::artifacts::list::{ArtifactQuery, list};
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::http::{Id, parse_project_id};
use shared::ids::OrganizationId;
use shared::organizations::rights::Right;
use shared::projects::ProjectView;
use shared::projects::authorize::resolve_scope;
use shared::projects::list::list as list_projects;

use super::ArtifactRow;
use crate::pages::{
    ForPage, Frame, Loaded, NavigationItem, OrganizationPage, PageQuery, PageResult, Pager,
    SearchField, Visitor, html,
};

const PAGE_SIZE: u16 = 50;

#[derive(Template)]
#[template(path = "organizations/artifacts/list.html")]
struct ArtifactsPage<'a> {
    frame: &'a Frame,
    path: String,
    /// The chosen project, or an empty text.
    project: &'a str,
    /// The chosen kind, or an empty text.
    kind: &'a str,
    /// The search by path, which is one of the filters.
    search: SearchField,
    /// Ids and names of the projects to choose from.
    projects: Loaded<Vec<(String, String)>>,
    rows: Loaded<Vec<ArtifactRow>>,
    pager: Pager,
    command: String,
}

/// Shows the latest version of each file.
pub(crate) async fn artifacts_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let (caller, request) = (&visitor.caller, query.searchable_list(PAGE_SIZE));
    let project = query.optional("project_id").map(parse_project_id).transpose()?;
    let kind = query.optional("kind").map(ArtifactKind::parse).transpose()?;
    let listed = async {
        let right = Right::ViewProjects;
        let scope = resolve_scope(&ctx, caller, &organization, project, right).await?;
        list(&ctx, caller, &ArtifactQuery { scope, kind }, &request.page).await
    };
    let item = NavigationItem::Organization(&organization, OrganizationPage::Artifacts);
    let all_projects = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    let (frame, listed, projects) = tokio::join!(
        Frame::load(&ctx, &visitor, item),
        listed,
        list_projects(&ctx, caller, &organization, &all_projects),
    );
    let (frame, mut listed) = (frame?, Loaded::new("The list of files", listed)?);
    let search = request.search(listed.ready_mut(), |artifact| vec![artifact.path.as_str()]);
    let projects = Loaded::new("The list of projects", projects)?;
    let named = |project: &ProjectView| (project.id.clone(), project.name.clone());
    let projects = projects.map(|page| page.data.iter().map(named).collect::<Vec<_>>());
    let names: BTreeMap<_, _> = projects.ready().cloned().unwrap_or_default().into_iter().collect();
    let path = OrganizationPage::Artifacts.path(&organization);
    let (project, kind) = (query.get("project_id"), query.get("kind"));
    let filters = [("project_id", project), ("kind", kind)];
    let next_cursor = listed.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(&path, &filters, &request, next_cursor);
    let rows = listed.map(|page| ArtifactRow::all(&frame, &organization, &page.data, &names));
    let command = format!(
        "curl {}/v1/artifacts -H \"Authorization: Bearer $AIUS_API_KEY\" -H \"Content-Type: application/json\" \
         -d '{{\"org_id\": \"{organization}\", \"path\": \"hello.txt\", \"content_base64\": \"aGVsbG8=\"}}'",
        ctx.config.origin()
    );
    html(&ArtifactsPage {
        frame: &frame,
        path,
        project,
        kind,
        search,
        projects,
        rows,
        pager,
        command,
    })
}

impl ArtifactsPage<'_> {
    /// Returns whether the person may delete files.
    fn can_change(&self) -> bool {
        self.frame.can(Right::ManageProjects)
    }

    /// Returns whether the list is filtered.
    fn is_filtered(&self) -> bool {
        !(self.project.is_empty() && self.kind.is_empty() && self.search.text.is_empty())
    }

    /// Returns whether a project is the chosen one.
    fn is_project(&self, id: &str) -> bool {
        self.project == id
    }

    /// Returns whether a kind is the chosen one.
    fn is_kind(&self, name: &str) -> bool {
        self.kind == name
    }

    /// Returns the page that files are uploaded on.
    fn projects_path(&self) -> String {
        self.path.replace("/artifacts", "/projects")
    }
}
