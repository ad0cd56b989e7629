//! One batch of a deletion: members first, so that the organization leaves their lists, then
//! projects and files, then all other rows.

use std::collections::HashSet;

use super::projects::sweep_projects;
use super::related_rows::Row;
use crate::context::Context;
use crate::dynamo::{Key, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::organizations::Organization;

/// Maximum number of rows per batch. It takes less than a second, for which new mail has to wait.
const ROW_BATCH_SIZE: usize = 500;

/// Deletes the next rows of a deleted organization. Returns whether only its own row is left.
///
/// It may stop anywhere, because a row is deleted after its related rows.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be reached.
pub(crate) async fn sweep_batch(ctx: &Context, organization: &Organization) -> Result<bool> {
    let own = organization.key();
    let members = Range { pk: &own.pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let members = ctx.table.query_chunk::<Row>(&members, ROW_BATCH_SIZE).await?;
    delete_rows(ctx, organization, &members.items).await?;
    if members.more {
        return Ok(false);
    }
    if !sweep_projects(ctx, organization).await? {
        return Ok(false);
    }
    // The batch is one larger, because the organization's own row is in it.
    let most = ROW_BATCH_SIZE + 1 - members.items.len();
    let rest = Range { pk: &own.pk, sort_keys: SortKeyCondition::All };
    let mut rest = ctx.table.query_chunk::<Row>(&rest, most).await?;
    rest.items.retain(|row| row.key() != own);
    delete_rows(ctx, organization, &rest.items).await?;
    Ok(!rest.more)
}

async fn delete_rows(ctx: &Context, organization: &Organization, rows: &[Row]) -> Result<()> {
    // The owner's listing was deleted when the sweep began. If the owner's account is being
    // erased, the listing leads the next run here, and is deleted with the account.
    let owner = keys::user(&organization.owner_id).pk;
    let mut related = HashSet::new();
    for row in rows {
        related.extend(row.related_keys(organization)?.into_iter().filter(|key| key.pk != owner));
    }
    ctx.table.delete_all(related.into_iter().collect()).await?;
    let keys: Vec<Key> = rows.iter().map(Record::key).collect();
    ctx.table.delete_all(keys).await
}
