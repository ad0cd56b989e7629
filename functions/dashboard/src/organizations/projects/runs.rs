//! `/account/organizations/{client_id}/projects/{project_id}/runs`: all runs of a project.

use askama::Template;
use axum::extract::State;
use shared::context::Context;
use shared::organizations::rights::Right;
use shared::runs::list::list;
use shared::runs::{RunStatus, RunView};

use super::ProjectPath;
use super::load_frame::load_frame;
use crate::pages::{
    Frame, Loaded, OrganizationPage, PageQuery, PageResult, Pager, SearchField, TimeText, Visitor,
    html,
};

const PAGE_SIZE: u16 = 50;

/// A run in a table.
pub(crate) struct RunRow {
    pub(crate) name: String,
    pub(crate) status: &'static str,
    /// The class of the status's badge.
    pub(crate) badge: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) started: TimeText,
    /// How long the run took; `None` while it has not ended.
    pub(crate) duration: Option<String>,
    pub(crate) summary: Option<String>,
}

impl RunRow {
    /// Creates the row of a run.
    pub(super) fn new(frame: &Frame, run: &RunView) -> Self {
        let badge = match run.status {
            RunStatus::Running => "",
            RunStatus::Succeeded => "good",
            RunStatus::Failed => "bad",
        };
        Self {
            name: run.name.clone(),
            status: run.status.name(),
            badge,
            kind: run.kind.name(),
            started: frame.time(&run.created_at),
            duration: run.finished_at.map(|end| duration_text(run.created_at.seconds_until(end))),
            summary: run.summary.clone(),
        }
    }
}

/// Returns the commands that start a run in a project, and report that it succeeded. `project` is an id or a variable
/// of the shell.
pub(crate) fn run_commands(origin: &str, project: &str) -> [String; 2] {
    let headers =
        "-H \"Authorization: Bearer $AIUS_API_KEY\" -H \"Content-Type: application/json\"";
    [
        format!(
            "RUN=$(curl -sS \"{origin}/v1/projects/{project}/runs\" {headers} \
             -d '{{\"name\": \"Nightly tests\", \"kind\": \"manual\"}}' | sed -E 's/.*\"id\":\"(run_[^\"]+)\".*/\\1/')"
        ),
        format!(
            "curl -X PATCH \"{origin}/v1/runs/$RUN\" {headers} -d '{{\"status\": \"succeeded\"}}'"
        ),
    ]
}

/// Formats a duration: `3 h 20 min`, `2 min 5 s`, `5 s`.
fn duration_text(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, 0) => "under 1 s".to_owned(),
        (0, 0, rest) => format!("{rest} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[derive(Template)]
#[template(path = "organizations/projects/runs.html")]
struct RunsPage<'a> {
    frame: &'a Frame,
    paths: &'a ProjectPath,
    project: String,
    path: String,
    runs: Loaded<Vec<RunRow>>,
    search: SearchField,
    pager: Pager,
    origin: &'a str,
}

/// Shows all runs of a project.
pub(crate) async fn runs_page(
    State(ctx): State<Context>,
    paths: ProjectPath,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let request = query.searchable_list(PAGE_SIZE);
    let (loaded, runs) = tokio::join!(
        load_frame(&ctx, &paths, &visitor),
        list(&ctx, &visitor.caller, &paths.project, &request.page)
    );
    let (frame, project) = loaded?;
    let frame = frame.with_title(format!("Runs of {}", project.name));
    let (path, mut runs) = (paths.subpath("runs"), Loaded::new("The list of runs", runs)?);
    let search = request.search(runs.ready_mut(), |run| {
        vec![run.name.as_str(), run.summary.as_deref().unwrap_or_default()]
    });
    let next_cursor = runs.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(&path, &[], &request, next_cursor);
    let runs = runs.map(|page| page.data.iter().map(|run| RunRow::new(&frame, run)).collect());
    html(&RunsPage {
        frame: &frame,
        paths: &paths,
        project: project.name,
        path,
        runs,
        search,
        pager,
        origin: ctx.config.origin(),
    })
}

impl RunsPage<'_> {
    /// Returns whether the person may start runs.
    fn can_start(&self) -> bool {
        self.frame.can(Right::ManageProjects)
    }

    /// Returns the page of the organization's API keys.
    fn keys_path(&self) -> String {
        OrganizationPage::ApiKeys.path(&self.paths.organization)
    }

    /// Returns the command that starts a run.
    fn command(&self) -> String {
        let [start, _] = run_commands(self.origin, &self.paths.project.to_string());
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_in_words() {
        let texts = [0, 5, 60, 125, 3_600, 12_000].map(duration_text);
        assert_eq!(texts, ["under 1 s", "5 s", "1 min", "2 min 5 s", "1 h", "3 h 20 min"]);
    }
}
