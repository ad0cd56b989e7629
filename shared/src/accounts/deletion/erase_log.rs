//! Erasing an activity log.

use futures_util::{TryStreamExt, stream};

use crate::activity::AuditScope;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::keys;

/// Number of log partitions that are emptied in parallel.
const ERASE_CONCURRENCY: usize = 4;

/// Erases the whole activity log of a scope since `since`. It goes back further than the API shows,
/// because DynamoDB deletes expired entries late.
///
/// # Errors
/// `Error::Unavailable` if the table does not respond. A repetition erases what is left then.
pub(super) async fn erase_log(ctx: &Context, scope: &AuditScope, since: Timestamp) -> Result<()> {
    let months = ctx.now().months_back_to(since).into_iter();
    let months = months.map(|month| keys::audit_event_partition(&scope.to_string(), &month));
    let months = months.map(|pk| Ok(async move { ctx.table.delete_partition(&pk, None).await }));
    stream::iter(months).try_buffer_unordered(ERASE_CONCURRENCY).try_collect().await
}
