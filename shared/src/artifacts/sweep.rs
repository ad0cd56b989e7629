//! Deleting all files of a project, or of an organization itself, and what else lies in its partition.

use super::contents::release;
use super::store::{ByNumber, Content};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Condition, Range, Record, SortKeyCondition, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::values::ArtifactScope;

/// Versions that one transaction deletes, with two writes each.
const AT_ONCE: usize = 40;

/// Transactions of one part: less than a second's work, during which new mail waits.
const TRANSACTIONS: usize = 8;

/// Most rows of one part that are deleted without one.
const ROWS: usize = 500;

/// Deletes a part; says whether nothing is left. Nobody may put anything there any more. Can be stopped
/// anywhere, and be done by several at once: a version goes together with its use of its content, and all
/// that only points at versions goes after them.
pub(crate) async fn sweep_files(ctx: &Context, shelf: &ArtifactScope) -> Result<bool> {
    for _ in 0..TRANSACTIONS {
        if retry_conflicts(ctx, || delete_versions(ctx, shelf)).await? {
            return delete_rest(ctx, shelf).await;
        }
    }
    Ok(false)
}

/// Deletes some versions; says whether there were none.
async fn delete_versions(ctx: &Context, shelf: &ArtifactScope) -> Result<bool> {
    let pk = keys::artifact_partition(shelf);
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::VERSIONS) };
    let versions = ctx.table.part::<ByNumber>(&range, AT_ONCE).await?;
    if versions.items.is_empty() {
        return Ok(true);
    }
    let versions: Vec<_> = versions.items.into_iter().map(|ByNumber(version)| version).collect();
    let uses = Content::of(ctx, &versions).await?;
    let mut tx = ctx.table.transaction();
    for version in versions {
        // Its use of its content is given up once.
        tx.delete(&ByNumber(version).key(), Some(Condition::Exists), Error::Conflict)?;
    }
    release(&mut tx, uses.iter().map(|(content, uses)| (content, *uses)))?;
    tx.commit(Log::Nothing("the deletion of what they lie in was logged")).await?;
    Ok(false)
}

async fn delete_rest(ctx: &Context, shelf: &ArtifactScope) -> Result<bool> {
    let (pk, latest_pk) =
        (keys::artifact_partition(shelf), keys::latest_partition(&shelf.client()));
    let prefix = keys::latest_of(shelf);
    let own = Range { pk: &pk, sort_keys: SortKeyCondition::All };
    let latest = Range { pk: &latest_pk, sort_keys: SortKeyCondition::Prefix(&prefix) };
    let (table, most) = (&ctx.table, ROWS);
    let (more_own, more_latest) =
        tokio::try_join!(table.delete_part(&own, most), table.delete_part(&latest, most))?;
    Ok(!more_own && !more_latest)
}
