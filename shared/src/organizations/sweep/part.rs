//! One part of a sweep: as much as is done at a time. Members go first, so that it is gone from what people
//! have; then projects and files; then whatever else there is.

use std::collections::HashSet;

use super::mirrors::Row;
use super::projects::sweep_projects;
use crate::context::Context;
use crate::dynamo::{Key, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::organizations::Organization;

/// Most rows of one part: less than a second's work, during which new mail waits.
const MOST: usize = 500;

/// Deletes the next rows under a deleted organization. Says whether none but its own was left. Can be stopped anywhere: a
/// row goes after what lies elsewhere of it.
pub(crate) async fn sweep_part(ctx: &Context, organization: &Organization) -> Result<bool> {
    let own = organization.key();
    let members = Range { pk: &own.pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let members = ctx.table.part::<Row>(&members, MOST).await?;
    delete(ctx, organization, &members.items).await?;
    if members.more {
        return Ok(false);
    }
    if !sweep_projects(ctx, organization).await? {
        return Ok(false);
    }
    // One more, since its own is among them.
    let most = MOST + 1 - members.items.len();
    let rest = Range { pk: &own.pk, sort_keys: SortKeyCondition::All };
    let mut rest = ctx.table.part::<Row>(&rest, most).await?;
    rest.items.retain(|row| row.key() != own);
    delete(ctx, organization, &rest.items).await?;
    Ok(!rest.more)
}

async fn delete(ctx: &Context, organization: &Organization, rows: &[Row]) -> Result<()> {
    // The owner's own listing went with the deletion. Where the owner's account is erased it is how the
    // next run finds what this one leaves, and goes with the account.
    let owner = keys::user(&organization.owner_id).pk;
    let mut mirrors = HashSet::new();
    for row in rows {
        mirrors.extend(row.mirrors(organization)?.into_iter().filter(|mirror| mirror.pk != owner));
    }
    ctx.table.delete_all(mirrors.into_iter().collect()).await?;
    let keys: Vec<Key> = rows.iter().map(Record::key).collect();
    ctx.table.delete_all(keys).await
}
