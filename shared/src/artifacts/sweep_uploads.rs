//! Removes uploads that did not become versions.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::storage_usage::{StorageChange, StorageUsage};
use super::store::Upload;
use crate::activity::Log;
use crate::blobs::BlobStore;
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Chunk, Condition, Range, Record, SortKeyCondition, Update,
    retry_conflicts,
};
use crate::error::Result;
use crate::ids::ArtifactId;
use crate::keys;

/// How long after its deadline an upload is removed. Completing one takes far less.
const GRACE_PERIOD: Duration = Duration::from_secs(60 * 60);

/// Maximum number of uploads per shard that are read at a time.
const MAX_UPLOADS: usize = 50;

/// Returns the uploads that are due, limited to what one run can remove.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn list_due_uploads(ctx: &Context) -> Result<Chunk<Upload>> {
    // A completion that started just before the deadline has ended by then.
    let end = keys::due_end(ctx.now().minus(GRACE_PERIOD));
    let shards = keys::shard_partitions(keys::PENDING_UPLOADS).map(async |pk| {
        let range = Range { pk: &pk, sort_keys: SortKeyCondition::Before(&end) };
        ctx.table.query_first::<Upload>(&range, MAX_UPLOADS).await
    });
    let mut all = Chunk { items: Vec::new(), more: false };
    for shard in try_join_all(shards).await? {
        all.items.extend(shard.items);
        all.more |= shard.more;
    }
    Ok(all)
}

/// Removes an upload and its objects. An object that a version uses is no longer listed in the row,
/// and a marked upload cannot become a version. The call is idempotent.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table or S3 cannot be reached.
pub async fn sweep_upload(ctx: &Context, blobs: &BlobStore, upload: &Upload) -> Result<()> {
    let mark = Update::new(upload.key()).set("abandoned", true)?.only_if(Condition::Exists);
    let marked = retry_conflicts(ctx, || ctx.table.update::<Upload>(mark.clone())).await?;
    let Some(upload) = marked else { return Ok(()) };
    for object in upload.upload.iter().chain(&upload.kept) {
        blobs.remove(object).await?;
    }
    retry_conflicts(ctx, || delete_row(ctx, &upload.id)).await
}

/// Deletes the row, and ends its reservation of storage unless the organization is deleted.
async fn delete_row(ctx: &Context, id: &ArtifactId) -> Attempt<()> {
    let key = Upload::key_of(id);
    let Some(upload) = ctx.table.get::<Upload>(&key).await? else { return Ok(()) };
    let usage: Option<StorageUsage> =
        ctx.table.get(&keys::storage_usage(&id.organization())).await?;
    if !upload.is_reserved || usage.is_none() {
        return ctx.table.delete(&key).await;
    }
    let mut tx = ctx.table.transaction();
    let is_reserved = Condition::equal("is_reserved", true)?;
    tx.delete(&key, Some(is_reserved), AttemptError::Conflict)?;
    let freed = StorageChange::removed(upload.size).update(&id.organization())?;
    // The sweep of a deleted organization removes the row, and it must not appear again.
    tx.update(freed.only_if(Condition::Exists), AttemptError::Conflict)?;
    tx.commit(Log::Nothing("an upload that became no version is not in the log")).await
}
