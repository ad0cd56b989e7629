//! `/account/organizations/{client_id}/projects/{project_id}/brief`: edits the brief.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::organizations::rights::Right;
use shared::projects::ProjectView;
use shared::projects::brief::read::read;
use shared::projects::brief::write::{BriefWrite, write_if_unchanged};
use shared::projects::brief::{BriefView, Markdown};

use super::ProjectPath;
use super::load_frame::load_frame;
use crate::forms::{FormState, Submission};
use crate::pages::{Frame, Loaded, PageResult, Visitor, html, markdown_html, redirects};

#[derive(Template)]
#[template(path = "organizations/projects/brief.html")]
struct BriefPage<'a> {
    frame: &'a Frame,
    path: String,
    project_path: String,
    project: ProjectView,
    brief: Loaded<BriefView>,
    /// Whether the brief was changed while the person was typing.
    is_changed_elsewhere: bool,
}

/// Shows the form that edits the brief.
pub(crate) async fn brief_page(
    State(ctx): State<Context>,
    paths: ProjectPath,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &paths, &visitor, false).await
}

async fn show(
    ctx: &Context,
    paths: &ProjectPath,
    visitor: &Visitor,
    is_changed_elsewhere: bool,
) -> PageResult {
    let (loaded, brief) =
        tokio::join!(load_frame(ctx, paths, visitor), read(ctx, &visitor.caller, &paths.project));
    let ((frame, project), brief) = (loaded?, Loaded::new("The brief", brief)?);
    frame.require(Right::ManageProjects)?;
    let frame = frame.with_title(format!("Brief of {}", project.name));
    let (path, project_path) = (paths.subpath("brief"), paths.page());
    html(&BriefPage { frame: &frame, path, project_path, project, brief, is_changed_elsewhere })
}

/// Writes the brief, unless it was changed after the form was shown.
pub(crate) async fn write_brief(
    State(ctx): State<Context>,
    paths: ProjectPath,
    submission: Submission,
) -> PageResult {
    let caller = &submission.visitor.caller;
    let written = async {
        // A form sends line ends as CR LF (HTML, "constructing the entry list").
        let text = submission.fields.get("content").replace("\r\n", "\n");
        let content = Markdown::parse("content", text)?;
        let version = submission.fields.get("version").parse().ok();
        write_if_unchanged(&ctx, caller, &paths.project, &content, version).await
    };
    let (state, is_changed_elsewhere) = match written.await {
        Ok(BriefWrite::Written(_)) => return Ok(redirects::done(&paths.page(), "Brief saved")),
        Ok(BriefWrite::ChangedElsewhere(_)) => {
            let message = "The brief was changed elsewhere in the meantime. It is below as it is now. \
                           Save again to replace it with yours.";
            let (action, fields) = (&submission.action, &submission.fields);
            (FormState::with_message(action, fields, Some("content"), message), true)
        }
        Err(error) => (submission.refused(error)?, false),
    };
    let status = state.status();
    let visitor = submission.visitor.with_form(&paths.subpath("brief"), state);
    Ok((status, show(&ctx, &paths, &visitor, is_changed_elsewhere).await?).into_response())
}

impl BriefPage<'_> {
    /// Returns the brief as HTML.
    fn rendered(&self) -> String {
        self.brief.ready().map(|brief| markdown_html(&brief.content)).unwrap_or_default()
    }
}
