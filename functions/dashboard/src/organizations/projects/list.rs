//! `/account/organizations/{client_id}/projects`: the projects, and a form that creates one.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, Page, PageRequest};
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::rights::Right;
use shared::projects::create::{NewProject, create};
use shared::projects::list::list;
use shared::projects::{Description, ProjectView};
use shared::values::Name;

use crate::forms::Submission;
use crate::pages::{
    ForPage, Frame, Loaded, NavigationItem, OrganizationPage, PageQuery, PageResult, Pager,
    Visitor, html, redirects,
};

#[derive(Template)]
#[template(path = "organizations/projects/list.html")]
struct ProjectsPage<'a> {
    frame: &'a Frame,
    path: String,
    /// The text that the shown projects contain.
    search: &'a str,
    projects: Loaded<Page<ProjectView>>,
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
    let request = query.page(MAX_PAGE_SIZE);
    show(&ctx, &organization, &visitor, query.get("q"), &request).await
}

async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    visitor: &Visitor,
    search: &str,
    request: &PageRequest,
) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::Projects);
    let (frame, listed) = tokio::join!(
        Frame::load(ctx, visitor, item),
        list(ctx, &visitor.caller, organization, request)
    );
    let (frame, mut projects) = (frame?, Loaded::new("The list of projects", listed)?);
    if let Loaded::Ready(page) = &mut projects {
        page.data.retain(|project| contains(project, search));
    }
    let path = OrganizationPage::Projects.path(organization);
    let next_cursor = projects.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(&path, &[("q", search)], request.cursor.as_deref(), next_cursor);
    let origin = ctx.config.origin();
    html(&ProjectsPage {
        frame: &frame,
        path,
        search,
        projects,
        pager,
        origin,
        organization_id: organization,
    })
}

/// Returns whether a project's name or description contains a text, regardless of case.
fn contains(project: &ProjectView, search: &str) -> bool {
    let search = search.to_lowercase();
    let texts = [Some(&project.name), project.description.as_ref()];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&search))
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
            let request = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
            Ok((status, show(&ctx, &organization, &visitor, "", &request).await?).into_response())
        }
    }
}

impl ProjectsPage<'_> {
    /// Returns whether the person may create projects.
    fn can_create(&self) -> bool {
        self.frame.can(Right::ManageProjects)
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
