//! Writes a project's brief.

use super::{Brief, BriefView, Markdown};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ProjectId;
use crate::keys;
use crate::projects::admit::admit;
use crate::projects::logged::entry;
use crate::requester::Requester;

/// Replaces the project's brief. Writing the present text again changes nothing.
///
/// # Errors
///
/// * [`Error::NotFound`] if the project does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::ProjectCopying`] if the project is a fork that is still being copied.
pub async fn write(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    project: &ProjectId,
    content: &Markdown,
) -> Result<BriefView> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, project, content)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ProjectId,
    content: &Markdown,
) -> Result<BriefView> {
    let key = keys::brief(id);
    let also = std::slice::from_ref(&key);
    let (admitted, project, mut found) = admit(ctx, requester, credential, id, also).await?;
    project.is_whole()?;
    let before: Option<Brief> = found.take(&key)?;
    if let Some(same) = before.as_ref().filter(|before| before.content == *content) {
        return Ok(BriefView::from(Some(same.clone())));
    }
    let size_before = before.as_ref().map_or(0, |before| before.content.size());
    let (as_read, version) = match &before {
        Some(before) => (Condition::equal("version", before.version)?, before.version + 1),
        None => (Condition::Absent, 0),
    };
    let now = ctx.now();
    let (project_id, content) = (id.clone(), content.clone());
    let after = Brief { project_id, content, updated_at: now, version };
    let mut tx = ctx.table.transaction();
    admitted.hold(&mut tx)?;
    project.touch(&mut tx, now, 0)?;
    tx.put(&after, as_read, Error::Conflict)?;
    // The event has the sizes only: the audit log is kept when the project is deleted.
    let log = entry(ctx, requester, &admitted, Action::BriefChanged, &project);
    let log = log.detail("size_before", size_before).detail("size_after", after.content.size());
    tx.commit(log).await?;
    Ok(BriefView::from(Some(after)))
}
