//! Removing what was uploaded, or was to be, and no version came of.

use std::time::Duration;

use futures_util::future::try_join_all;

use super::store::Upload;
use crate::content::Contents;
use crate::context::Context;
use crate::dynamo::{Chunk, Condition, Range, Record, SortKeyCondition, Update};
use crate::error::Result;
use crate::keys;

/// How long behind its day an upload is removed: many times what completing it may take.
const ENDED: Duration = Duration::from_secs(60 * 60);

/// Most of one partition that one run is told of.
const MOST: usize = 200;

/// The uploads that are due: no more than one run can do.
pub async fn due(ctx: &Context) -> Result<Chunk<Upload>> {
    // What was begun in the last moment has ended by then.
    let end = keys::due_after(ctx.now().minus(ENDED));
    let shards = (0..keys::UPLOAD_SHARDS).map(async |shard| {
        let pk = keys::uploads(shard);
        let range = Range { pk: &pk, sort_keys: SortKeyCondition::Before(&end) };
        ctx.table.first::<Upload>(&range, MOST).await
    });
    let mut all = Chunk { items: Vec::new(), more: false };
    for shard in try_join_all(shards).await? {
        all.items.extend(shard.items);
        all.more |= shard.more;
    }
    Ok(all)
}

/// Removes one, and what is kept for it. Not what a version knows: that isn't among it from its version's
/// coming on, and nothing comes of an upload that is marked. Can be called again whenever it failed.
pub async fn sweep(ctx: &Context, contents: &Contents, upload: &Upload) -> Result<()> {
    let mark = Update::new(upload.key()).set("abandoned", true)?.only_if(Condition::Exists);
    let Some(upload) = ctx.table.update::<Upload>(mark).await? else { return Ok(()) };
    for object in upload.upload.iter().chain(&upload.kept) {
        contents.remove(object).await?;
    }
    ctx.table.delete(&upload.key()).await
}
