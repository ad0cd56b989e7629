//! `/account/organizations/{client_id}/projects/{project_id}`: a project.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::artifacts::list::{ArtifactQuery, list as list_artifacts};
use shared::artifacts::{ArtifactKind, ArtifactView, MAX_ARTIFACT_BYTES};
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::{Page, PageRequest};
use shared::error::Error;
use shared::ids::ProjectId;
use shared::organizations::rights::Right;
use shared::projects::brief::read::read as read_brief;
use shared::projects::read::read;
use shared::projects::{ForkStatus, ProjectView};
use shared::runs::list::list as list_runs;
use shared::values::ArtifactScope;

use super::ProjectPath;
use super::runs::{RunRow, run_commands};
use crate::forms::{FormState, MAX_FORM_FILE_BYTES, Submission};
use crate::organizations::artifacts::ArtifactRow;
use crate::pages::{
    Frame, Loaded, NavigationItem, OrganizationPage, PageError, PageResult, TimeText, Visitor,
    html, markdown_html, size_text,
};

/// Entries of the lists on the page. Each list has a page of its own with all of them.
const SHOWN_ENTRIES: u16 = 10;

#[derive(Template)]
#[template(path = "organizations/projects/project.html")]
struct ProjectPage<'a> {
    frame: &'a Frame,
    paths: &'a ProjectPath,
    project: ProjectView,
    /// The name of the project that it is a fork of; `None` if that is gone.
    original_name: Option<String>,
    /// The brief as HTML, and when it was written.
    brief: Loaded<Option<(String, TimeText)>>,
    artifacts: Loaded<Listed<ArtifactRow>>,
    reports: Loaded<Listed<ArtifactRow>>,
    runs: Loaded<Listed<RunRow>>,
    origin: &'a str,
}

/// The first entries of a list.
struct Listed<T> {
    rows: Vec<T>,
    has_more: bool,
}

/// Shows a project.
pub(crate) async fn project_page(
    State(ctx): State<Context>,
    paths: ProjectPath,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &paths, &visitor).await
}

/// Shows the project's page again after one of its forms was refused.
pub(super) async fn show_again(
    ctx: &Context,
    paths: &ProjectPath,
    submission: Submission,
    state: FormState,
) -> PageResult {
    let status = state.status();
    let visitor = submission.visitor.with_form(&paths.page(), state);
    Ok((status, show(ctx, paths, &visitor).await?).into_response())
}

async fn show(ctx: &Context, paths: &ProjectPath, visitor: &Visitor) -> PageResult {
    let (caller, id) = (&visitor.caller, &paths.project);
    let item = NavigationItem::Organization(&paths.organization, OrganizationPage::Projects);
    let first = PageRequest { limit: SHOWN_ENTRIES, cursor: None };
    let all = ArtifactQuery { scope: ArtifactScope::Project(id.clone()), kind: None };
    let only_reports = ArtifactQuery { kind: Some(ArtifactKind::Report), ..all.clone() };
    let (frame, project, brief, artifacts, reports, runs) = tokio::join!(
        Frame::load(ctx, visitor, item),
        read(ctx, caller, id),
        read_brief(ctx, caller, id),
        list_artifacts(ctx, caller, &all, &first),
        list_artifacts(ctx, caller, &only_reports, &first),
        list_runs(ctx, caller, id, &first),
    );
    let (frame, project) = (frame?, project?);
    let original_name = read_original_name(ctx, caller, &project).await?;
    let frame = frame.with_title(project.name.clone());
    let brief = Loaded::new("The brief", brief)?
        .map(|brief| brief.updated_at.map(|at| (markdown_html(&brief.content), frame.time(&at))));
    let rows = |artifacts: Page<ArtifactView>| Listed {
        has_more: artifacts.next_cursor.is_some(),
        rows: ArtifactRow::all(&frame, &paths.organization, &artifacts.data, &BTreeMap::new()),
    };
    let artifacts = Loaded::new("The list of files", artifacts)?.map(rows);
    let reports = Loaded::new("The list of reports", reports)?.map(rows);
    let runs = Loaded::new("The list of runs", runs)?.map(|runs| Listed {
        has_more: runs.next_cursor.is_some(),
        rows: runs.data.iter().map(|run| RunRow::new(&frame, run)).collect(),
    });
    let origin = ctx.config.origin();
    html(&ProjectPage {
        frame: &frame,
        paths,
        project,
        original_name,
        brief,
        artifacts,
        reports,
        runs,
        origin,
    })
}

/// Reads the name of the project that a fork was copied from, with one round trip more. `None` if it was deleted.
async fn read_original_name(
    ctx: &Context,
    caller: &Caller,
    fork: &ProjectView,
) -> Result<Option<String>, PageError> {
    let Some(id) = fork.forked_from_id.as_deref().and_then(ProjectId::parse) else {
        return Ok(None);
    };
    let original = match read(ctx, caller, &id).await {
        Err(Error::NotFound) => return Ok(None),
        original => Loaded::new("The original", original)?,
    };
    // The rest of the page works without the name.
    Ok(Some(match original {
        Loaded::Ready(original) => original.name,
        Loaded::Unavailable(_) => "its original".to_owned(),
    }))
}

impl ProjectPage<'_> {
    /// Returns whether the person may change the project.
    fn can_change(&self) -> bool {
        self.frame.can(Right::ManageProjects)
    }

    /// Returns whether files are still being copied into this fork.
    fn is_copying(&self) -> bool {
        self.project.status == Some(ForkStatus::Copying)
    }

    /// Returns the page of all files, or of all reports.
    fn artifacts_path(&self, kind: &str) -> String {
        let path = OrganizationPage::Artifacts.path(&self.paths.organization);
        format!("{path}?project_id={}&kind={kind}", self.project.id)
    }

    /// Returns the page of the original.
    fn original(&self) -> Option<String> {
        let projects = OrganizationPage::Projects.path(&self.paths.organization);
        self.project.forked_from_id.as_ref().map(|id| format!("{projects}/{id}"))
    }

    /// Returns how large an uploaded file may be.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn upload_help(&self) -> String {
        format!(
            "Up to {} here. Larger files, up to {}, go through the API: see below.",
            size_text(MAX_FORM_FILE_BYTES),
            size_text(MAX_ARTIFACT_BYTES)
        )
    }

    /// Returns the command that uploads a large file.
    fn upload_command(&self) -> String {
        format!(
            "curl {}/v1/artifacts -H \"Authorization: Bearer $AIUS_API_KEY\" -H \"Content-Type: application/json\" \
             -d '{{\"org_id\": \"{}\", \"project_id\": \"{}\", \"path\": \"model.bin\", \"size\": '$(stat -c %s model.bin)', \
             \"sha256\": \"'$(sha256sum model.bin | cut -d\" \" -f1)'\"}}'",
            self.origin, self.project.org_id, self.project.id
        )
    }

    /// Returns the page of the organization's API keys.
    fn keys_path(&self) -> String {
        OrganizationPage::ApiKeys.path(&self.paths.organization)
    }

    /// Returns the commands that start a run, and report how it ended.
    fn run_commands(&self) -> [String; 2] {
        run_commands(self.origin, &self.project.id)
    }
}
