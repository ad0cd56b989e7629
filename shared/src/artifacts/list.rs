//! The files of an organization, or of a project of it.

use std::collections::BTreeSet;

use super::store::Latest;
use super::{ArtifactView, Kind};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::keys;
use crate::projects::Project;
use crate::projects::admit::admit_to_shelf;
use crate::requester::Requester;
use crate::values::ArtifactScope;

/// Which files.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of that project, or of that organization and all of its projects.
    pub shelf: ArtifactScope,
    /// Of that kind alone.
    pub kind: Option<Kind>,
}

/// A page of the latest versions, by path; those of no project first, then project by project. A page of
/// one kind may hold fewer than there are, with a cursor.
///
/// One round trip for those of a project, one more for those of one kind, and one more for those of an
/// organization, of which what lies in deleted projects is left out. [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    wanted: &Wanted,
    page: &PageRequest,
) -> Result<Page<ArtifactView>> {
    let shelf = &wanted.shelf;
    let prefix = shelf.project().map_or_else(String::new, |_| keys::latest_of(shelf));
    let mut slice = ListQuery::new(keys::latest_partition(&shelf.client()), prefix);
    if let Some(kind) = wanted.kind {
        slice = slice.filter(kind.as_str(), Condition::equal("kind", kind)?);
    }
    let admitted = admit_to_shelf(ctx, requester, credential, shelf, &[]);
    let mut found: Page<Latest> = if wanted.kind.is_some() {
        // Looking for a kind may take much reading, which isn't done for whoever asks.
        admitted.await?;
        query(ctx, &slice, page).await?
    } else {
        let (admitted, found) = tokio::join!(admitted, query(ctx, &slice, page));
        admitted?;
        found?
    };
    if shelf.project().is_none() {
        leave_out_deleted(ctx, &mut found.data).await?;
    }
    let views = found.data.iter().map(|Latest(artifact)| artifact.into()).collect();
    Ok(found.with(views))
}

/// Takes out what lies in projects that don't exist any more, and is being swept.
async fn leave_out_deleted(ctx: &Context, files: &mut Vec<Latest>) -> Result<()> {
    let projects: BTreeSet<_> = files.iter().filter_map(|Latest(file)| file.id.project()).collect();
    if projects.is_empty() {
        return Ok(());
    }
    let wanted: Vec<_> = projects.iter().map(keys::project).collect();
    let found = ctx.table.batch_get_any(&wanted).await?;
    let mut gone = BTreeSet::new();
    for project in projects {
        let stored: Option<Project> = found.read(&keys::project(&project))?;
        if !stored.is_some_and(|project| project.exists()) {
            gone.insert(project);
        }
    }
    files.retain(|Latest(file)| file.id.project().is_none_or(|project| !gone.contains(&project)));
    Ok(())
}
