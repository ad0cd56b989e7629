//! Giving a project another name or description.

use super::admit::admit;
use super::logged::entry;
use super::{Description, Project, ProjectName, ProjectView};
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{BatchResult, Condition, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ProjectId;
use crate::requester::Requester;
use crate::values::Name;

/// What is to change: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug)]
pub struct ProjectChange {
    /// What it is called; can't be cleared.
    pub name: Option<Name>,
    /// What it is about.
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

/// Changes what is given; what it has already changes nothing. [`Error::NotFound`], [`Error::NoAccess`],
/// [`Error::ProjectNameTaken`].
pub async fn change(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ProjectId,
    change: &ProjectChange,
) -> Result<ProjectView> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, id, change)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ProjectId,
    change: &ProjectChange,
) -> Result<ProjectView> {
    let name = change.name.as_ref().map(|name| ProjectName::of(id, name).key());
    let also: Vec<_> = name.into_iter().collect();
    let (admitted, before, found) = admit(ctx, requester, credential, id, &also).await?;
    let after = change.apply(before.clone());
    if (&after.name, &after.description) == (&before.name, &before.description) {
        return Ok(ProjectView::from(&before));
    }
    let mut tx = ctx.table.transaction();
    admitted.hold(&mut tx)?;
    move_name(&mut tx, &found, &before, &after)?;
    let after = Project { updated_at: ctx.now(), ..after }.store(&mut tx)?;
    let log = entry(ctx, requester, &admitted, Action::ProjectChanged, &after);
    tx.commit(detailed(log, &before, &after)).await?;
    Ok(ProjectView::from(&after))
}

/// Adds to a change that the project's name is the new one, which frees the old one.
fn move_name(
    tx: &mut Tx<'_>,
    found: &BatchResult,
    before: &Project,
    after: &Project,
) -> Result<()> {
    let old = ProjectName::of(&before.id, &before.name);
    let new = ProjectName::of(&after.id, &after.name);
    if old.key() == new.key() {
        return Ok(());
    }
    match found.read::<ProjectName>(&new.key())? {
        // Renamed to that a moment ago, which was seen of the name and not yet of the project.
        Some(holder) if holder.project_id == before.id => return Err(Error::Conflict),
        Some(_) => return Err(Error::ProjectNameTaken),
        None => {}
    }
    // Whoever has just taken it may be the same project: then that is what is asked for.
    tx.put(&new, Condition::Absent, Error::Conflict)?;
    tx.delete(&old.key(), None, Error::Conflict)
}

/// The entry with what was changed, before and after. No description is an empty text.
fn detailed(log: Entry, before: &Project, after: &Project) -> Entry {
    let text = |project: &Project| {
        project.description.as_ref().map_or_else(String::new, |text| text.as_str().to_owned())
    };
    let changes = [
        ("name", before.name.to_string(), after.name.to_string()),
        ("description", text(before), text(after)),
    ];
    let changed = changes.into_iter().filter(|(_, before, after)| before != after);
    changed.fold(log, |log, (field, before, after)| {
        let log = log.detail(&format!("{field}_before"), before);
        log.detail(&format!("{field}_after"), after)
    })
}
