//! Writes a project's brief.

use super::{Brief, BriefView, Markdown};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_conflicts};
use crate::error::Result;
use crate::ids::ProjectId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::audit::audit_event;
use crate::projects::authorize::authorize_project;

/// Replaces the project's brief. Writing the present text again changes nothing.
///
/// # Errors
///
/// * [`Error::NotFound`] if the project does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::ProjectCopying`] if the project is a fork that is still being copied.
pub async fn write(
    ctx: &Context,
    caller: &Caller,
    project: &ProjectId,
    content: &Markdown,
) -> Result<BriefView> {
    match retry_conflicts(ctx, || attempt(ctx, caller, project, content, None)).await? {
        BriefWrite::Written(view) | BriefWrite::ChangedElsewhere(view) => Ok(view),
    }
}

/// The outcome of writing a brief that a person has edited.
#[derive(Clone, Debug)]
pub enum BriefWrite {
    /// The brief was replaced.
    Written(BriefView),
    /// Nothing was written, because the brief was changed after the person had read it. This is the present brief.
    ChangedElsewhere(BriefView),
}

/// Replaces the project's brief if its version is still the given one, which is that of [`BriefView`]. Writing the
/// present text again changes nothing.
///
/// # Errors
///
/// The errors of [`write`].
pub async fn write_if_unchanged(
    ctx: &Context,
    caller: &Caller,
    project: &ProjectId,
    content: &Markdown,
    version: Option<u64>,
) -> Result<BriefWrite> {
    retry_conflicts(ctx, || attempt(ctx, caller, project, content, Some(version))).await
}

/// Replaces the brief. If `version` is given, only the brief with this version.
async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &ProjectId,
    content: &Markdown,
    version: Option<Option<u64>>,
) -> Attempt<BriefWrite> {
    let key = keys::brief(id);
    let extra_keys = std::slice::from_ref(&key);
    let (authorized, project, mut found) =
        authorize_project(ctx, caller, id, Right::ManageProjects, extra_keys).await?;
    project.require_not_copying()?;
    let before: Option<Brief> = found.take(&key)?;
    if let Some(same) = before.as_ref().filter(|before| before.content == *content) {
        return Ok(BriefWrite::Written(BriefView::from(Some(same.clone()))));
    }
    let present = before.as_ref().map(|before| before.version);
    if version.is_some_and(|version| version != present) {
        return Ok(BriefWrite::ChangedElsewhere(BriefView::from(before)));
    }
    let size_before = before.as_ref().map_or(0, |before| before.content.size());
    let (unchanged, version) = match &before {
        Some(before) => (Condition::equal("version", before.version)?, before.version + 1),
        None => (Condition::Absent, 0),
    };
    let now = ctx.now();
    let (project_id, content) = (id.clone(), content.clone());
    let after = Brief { project_id, content, updated_at: now, version };
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    project.record_change(&mut tx, now, 0)?;
    tx.put(&after, unchanged, AttemptError::Conflict)?;
    // The event has the sizes only: the audit log is kept when the project is deleted.
    let event = audit_event(ctx, &caller.requester, &authorized, Action::BriefChanged, &project);
    let event = event
        .with_detail("name", &project.name)
        .with_detail("size_before", size_before)
        .with_detail("size_after", after.content.size());
    tx.commit(event).await?;
    Ok(BriefWrite::Written(BriefView::from(Some(after))))
}
