//! Renames a project or changes its description.

use super::audit::audit_event;
use super::authorize::authorize_project;
use super::{Description, Project, ProjectNameGuard, ProjectView};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, BatchResult, Condition, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ProjectId;
use crate::organizations::rights::Right;
use crate::values::Name;

/// A change to a project. `None` leaves a field unchanged, and `Some(None)` clears it.
#[derive(Clone, Debug)]
pub struct ProjectChange {
    /// The new name, which cannot be cleared.
    pub name: Option<Name>,
    /// The new description; `None` inside removes it.
    pub description: Option<Option<Description>>,
}

impl ProjectChange {
    fn apply(&self, project: Project) -> Project {
        let change = self.clone();
        Project {
            name: change.name.unwrap_or(project.name),
            description: change.description.unwrap_or(project.description),
            ..project
        }
    }
}

/// Changes the given fields of a project. Setting the present values again changes nothing.
///
/// # Errors
///
/// * [`Error::NotFound`] if the project does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::ProjectNameTaken`] if another project of the organization has the name.
pub async fn change(
    ctx: &Context,
    caller: &Caller,
    id: &ProjectId,
    change: &ProjectChange,
) -> Result<ProjectView> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, change)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &ProjectId,
    change: &ProjectChange,
) -> Attempt<ProjectView> {
    let name = change.name.as_ref().map(|name| ProjectNameGuard::new(id, name).key());
    let extra_keys: Vec<_> = name.into_iter().collect();
    let (authorized, before, found) =
        authorize_project(ctx, caller, id, Right::ManageProjects, &extra_keys).await?;
    let after = change.apply(before.clone());
    if (&after.name, &after.description) == (&before.name, &before.description) {
        return Ok(ProjectView::from(&before));
    }
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    move_name(&mut tx, &found, &before, &after)?;
    let after = Project { updated_at: ctx.now(), ..after }.store(&mut tx)?;
    let event = audit_event(ctx, &caller.requester, &authorized, Action::ProjectChanged, &after);
    tx.commit(with_changes(event, &before, &after)).await?;
    Ok(ProjectView::from(&after))
}

/// Reserves the project's new name in `tx` and releases the old one.
fn move_name(
    tx: &mut Tx<'_>,
    found: &BatchResult,
    before: &Project,
    after: &Project,
) -> Attempt<()> {
    let old = ProjectNameGuard::new(&before.id, &before.name);
    let new = ProjectNameGuard::new(&after.id, &after.name);
    if old.key() == new.key() {
        return Ok(());
    }
    match found.read::<ProjectNameGuard>(&new.key())? {
        // A concurrent rename of this project has just taken the name, and the project was read
        // before it.
        Some(holder) if holder.project_id == before.id => return Err(AttemptError::Conflict),
        Some(_) => return Err(Error::ProjectNameTaken.into()),
        None => {}
    }
    // A concurrent request may take the name first, perhaps for this same project. The retry
    // decides again.
    tx.put(&new, Condition::Absent, AttemptError::Conflict)?;
    Ok(tx.delete(&old.key(), None, AttemptError::Conflict)?)
}

/// Adds the old and new values to the event. A missing description counts as an empty text.
fn with_changes(event: AuditEvent, before: &Project, after: &Project) -> AuditEvent {
    let text = |project: &Project| {
        project.description.as_ref().map_or_else(String::new, |text| text.as_str().to_owned())
    };
    let changes = [
        ("name", before.name.to_string(), after.name.to_string()),
        ("description", text(before), text(after)),
    ];
    let changed = changes.into_iter().filter(|(_, before, after)| before != after);
    changed.fold(event, |event, (field, before, after)| {
        let event = event.with_detail(&format!("{field}_before"), before);
        event.with_detail(&format!("{field}_after"), after)
    })
}
