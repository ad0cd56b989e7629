//! Deletes all files of a scope, and everything else in its partition.

use super::blob_refs::drop_refs;
use super::store::{Blob, VersionByNumber};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Range, Record, SortKeyCondition, retry_conflicts,
};
use crate::error::Result;
use crate::keys;
use crate::values::ArtifactScope;

/// Number of versions deleted per transaction, with two writes each.
const VERSION_BATCH_SIZE: usize = 40;

/// Number of transactions per step. A step takes less than a second, for which new mail has to wait.
const MAX_TRANSACTIONS: usize = 8;

/// Maximum number of other rows deleted per step.
const MAX_ROWS: usize = 500;

/// Deletes the next files of a scope that nothing is written to any more. Returns whether nothing
/// is left. Each step is idempotent and safe to run concurrently: a version is deleted together
/// with its reference, and rows that point to versions are deleted last.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be reached.
pub(crate) async fn sweep_files(ctx: &Context, scope: &ArtifactScope) -> Result<bool> {
    for _ in 0..MAX_TRANSACTIONS {
        if retry_conflicts(ctx, || delete_versions(ctx, scope)).await? {
            return delete_rest(ctx, scope).await;
        }
    }
    Ok(false)
}

/// Deletes the next versions. Returns whether there were none.
async fn delete_versions(ctx: &Context, scope: &ArtifactScope) -> Attempt<bool> {
    let pk = keys::artifact_partition(scope);
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::VERSIONS_BY_NUMBER) };
    let versions = ctx.table.query_chunk::<VersionByNumber>(&range, VERSION_BATCH_SIZE).await?;
    if versions.items.is_empty() {
        return Ok(true);
    }
    let versions: Vec<_> =
        versions.items.into_iter().map(|VersionByNumber(version)| version).collect();
    let ref_counts = Blob::referenced_by(ctx, &versions).await?;
    let mut tx = ctx.table.transaction();
    for version in versions {
        // The condition makes sure that the reference is removed only once.
        tx.delete(
            &VersionByNumber(version).key(),
            Some(Condition::Exists),
            AttemptError::Conflict,
        )?;
    }
    drop_refs(&mut tx, ref_counts.iter().map(|(blob, refs)| (blob, *refs)))?;
    tx.commit(Log::Nothing("the deletion of the project or organization was logged")).await?;
    Ok(false)
}

async fn delete_rest(ctx: &Context, scope: &ArtifactScope) -> Result<bool> {
    let (pk, latest_pk) =
        (keys::artifact_partition(scope), keys::latest_version_partition(&scope.organization()));
    let prefix = keys::latest_version_prefix(scope);
    let own = Range { pk: &pk, sort_keys: SortKeyCondition::All };
    let latest = Range { pk: &latest_pk, sort_keys: SortKeyCondition::Prefix(&prefix) };
    let (table, most) = (&ctx.table, MAX_ROWS);
    let (more_own, more_latest) =
        tokio::try_join!(table.delete_chunk(&own, most), table.delete_chunk(&latest, most))?;
    Ok(!more_own && !more_latest)
}
