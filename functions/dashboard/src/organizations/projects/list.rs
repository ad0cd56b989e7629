//! `/account/organizations/{client_id}/projects`: the projects, and a form that creates one.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, Page};
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::rights::Right;
use shared::projects::create::{NewProject, create};
use shared::projects::list::list;
use shared::projects::{Description, ProjectView};
use shared::values::Name;

use crate::forms::Submission;
use crate::pages::{
    ForPage, Frame, ListRequest, Loaded, NavigationItem, OrganizationPage, PageQuery, PageResult,
    Pager, SearchField, Visitor, html, redirects,
};

#[derive(Template)]
#[template(path = "organizations/projects/list.html")]
struct ProjectsPage<'a> {
    frame: &'a Frame,
    path: String,
    projects: Loaded<Page<ProjectView>>,
    search: SearchField,
    pager: Pager,
    origin: &'a str,
    organization_id: &'a OrganizationId,
}

/// Shows the projects.
pub(crate) async fn projects_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    show(&ctx, &organization, &visitor, &query.searchable_list(MAX_PAGE_SIZE)).await
}

async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    visitor: &Visitor,
    request: &ListRequest,
) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Projects);
    let (frame, listed) = tokio::join!(
        Frame::load(ctx, visitor, item),
        list(ctx, &visitor.caller, organization, &request.page)
    );
    let (frame, mut projects) = (frame?, Loaded::new("The list of projects", listed)?);
    let search = request.search(projects.ready_mut(), |project| {
        vec![project.name.as_str(), project.description.as_deref().unwrap_or_default()]
    });
    let path = OrganizationPage::Projects.path(organization);
    let next_cursor = projects.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(&path, &[], request, next_cursor);
    let origin = ctx.config.origin();
    html(&ProjectsPage {
        frame: &frame,
        path,
        projects,
        search,
        pager,
        origin,
        organization_id: organization,
    })
}

/// Creates a project, and leads to its page.
pub(crate) async fn create_project(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let path = OrganizationPage::Projects.path(&organization);
    let created = async {
        let fields = &submission.fields;
        let new = NewProject {
            client_id: organization.clone(),
            name: Name::parse(fields.get("name"))?,
            description: Description::parse(fields.get("description"))?,
        };
        create(&ctx, &submission.visitor.caller, &submission.idempotency_key(), &new).await
    };
    match created.await {
        Ok(created) => {
            let page = format!("{path}/{}", created.response.id);
            Ok(redirects::done(&page, "Project created"))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let visitor = submission.visitor.with_form(&path, state);
            let request = ListRequest::first(MAX_PAGE_SIZE);
            Ok((status, show(&ctx, &organization, &visitor, &request).await?).into_response())
        }
    }
}

impl ProjectsPage<'_> {
    /// Returns whether the person may create projects.
    fn can_create(&self) -> bool {
        self.frame.can(Right::ManageProjects)
    }

    /// Returns the caption of the table: how many projects it has, and what was searched for.
    fn caption(&self, listed: &Page<ProjectView>) -> String {
        let noun = if listed.data.len() == 1 { "project" } else { "projects" };
        match self.search.text.as_str() {
            "" => format!("{} {noun}", listed.data.len()),
            text => format!("{} {noun} with “{text}”", listed.data.len()),
        }
    }

    /// Returns the path that the form for a new project posts to.
    fn create_path(&self) -> String {
        format!("{}/create", self.path)
    }

    /// Returns the command that creates a project.
    fn command(&self) -> String {
        format!(
            "curl {}/v1/projects -H \"Authorization: Bearer $AIUS_API_KEY\" -H \"Content-Type: application/json\" \
             -d '{{\"org_id\": \"{}\", \"name\": \"Churn analysis\"}}'",
            self.origin, self.organization_id
        )
    }
}
