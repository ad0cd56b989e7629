//! The runs of a project.

use super::{Run, RunView};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::ProjectId;
use crate::keys;
use crate::projects::admit::admit;
use crate::requester::Requester;

/// A page of the project's runs, newest first. One round trip: who calls is read beside it.
/// [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`],
/// [`crate::error::Error::InvalidCursor`].
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    project: &ProjectId,
    page: &PageRequest,
) -> Result<Page<RunView>> {
    let runs = ListQuery::new(keys::in_project(project), keys::RUNS).newest_first();
    let admitted = admit(ctx, requester, credential, project, &[]);
    let (admitted, runs) = tokio::join!(admitted, query::<Run, _>(ctx, &runs, page));
    admitted?;
    let runs = runs?;
    let views = runs.data.iter().map(RunView::from).collect();
    Ok(runs.with(views))
}
