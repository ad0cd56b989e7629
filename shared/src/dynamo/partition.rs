//! Partitions that are read without paging, up to a bound, and partitions that are emptied.

use std::time::Duration;

use aws_sdk_dynamodb::types::{DeleteRequest, ReturnConsumedCapacity, WriteRequest};
use futures_util::{TryStreamExt, stream};

use super::failure::failure;
use super::item::{Record, from_item, key_attributes, key_of};
use super::keys::Key;
use super::meter;
use super::range::{Call, Range, Which};
use super::table::Table;
use crate::error::{Error, Result};

/// DynamoDB's limit for one BatchWriteItem.
const BATCH: usize = 25;

/// Batches that are written side by side.
const BATCHES_AT_ONCE: usize = 4;

/// Keys that are read before they are deleted: what is in memory stays small however large a
/// partition is.
const PART: usize = 1000;

/// How often what a batch left undone is tried again before giving up.
const ROUNDS: u32 = 6;

/// The wait before the second round; doubles from there.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// What was found within a bound.
#[derive(Debug)]
pub struct Bounded<R> {
    /// The items, in the order of their sort keys.
    pub items: Vec<R>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

impl Table {
    /// The first `most` items. A call for each megabyte, and none where the first answers it.
    pub async fn first<R: Record>(&self, range: &Range<'_>, most: usize) -> Result<Bounded<R>> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            // One more tells whether there are more.
            let mut call = Call::of(range, most + 1 - items.len());
            call.after = after.as_ref();
            let answer = self.query(&call).await?;
            items.extend(answer.items.unwrap_or_default());
            after = answer.last_evaluated_key.as_ref().map(key_of).transpose()?;
            if after.is_none() || items.len() > most {
                break;
            }
        }
        let more = items.len() > most;
        items.truncate(most);
        let items = items.into_iter().map(from_item).collect::<Result<_>>()?;
        Ok(Bounded { items, more })
    }

    /// All items. For what one person can't have very many of.
    pub async fn all<R: Record>(&self, range: &Range<'_>) -> Result<Vec<R>> {
        self.first(range, usize::MAX - 1).await.map(|found| found.items)
    }

    /// The first items that one call finds: at most `most`, and at most a megabyte of them. `more` may be
    /// said of a range that ends there.
    pub async fn part<R: Record>(&self, range: &Range<'_>, most: usize) -> Result<Bounded<R>> {
        self.part_after(range, None, most).await
    }

    /// The same behind that key, which needn't be there (any more).
    pub async fn part_after<R: Record>(
        &self,
        range: &Range<'_>,
        after: Option<&Key>,
        most: usize,
    ) -> Result<Bounded<R>> {
        let answer = self.query(&Call { after, ..Call::of(range, most) }).await?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default().into_iter();
        Ok(Bounded { items: items.map(from_item).collect::<Result<_>>()?, more })
    }

    /// Deletes the first items that one call finds, at most `most`; says whether there may be more.
    pub async fn delete_part(&self, range: &Range<'_>, most: usize) -> Result<bool> {
        let answer = self.query(&Call { keys_only: true, ..Call::of(range, most) }).await?;
        let keys = answer.items.unwrap_or_default().iter().map(key_of).collect::<Result<_>>()?;
        self.delete_all(keys).await?;
        Ok(answer.last_evaluated_key.is_some())
    }

    /// Deletes every item of a partition but the one with the sort key `spared`. Stopped on the way,
    /// it can be called again.
    pub async fn empty(&self, pk: &str, spared: Option<&str>) -> Result<()> {
        let mut after = None;
        loop {
            let call = Call {
                after: after.as_ref(),
                keys_only: true,
                ..Call::of(&Range { pk, which: Which::All }, PART)
            };
            let answer = self.query(&call).await?;
            let keys = answer.items.unwrap_or_default().iter().map(key_of).collect::<Result<_>>();
            let mut keys: Vec<Key> = keys?;
            keys.retain(|key| spared != Some(key.sk.as_str()));
            self.delete_all(keys).await?;
            after = answer.last_evaluated_key.as_ref().map(key_of).transpose()?;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Deletes any number of items, without a condition and not as a whole. A key may occur once.
    pub async fn delete_all(&self, keys: Vec<Key>) -> Result<()> {
        let batches: Vec<_> = keys.chunks(BATCH).map(<[Key]>::to_vec).collect();
        let batches = batches.into_iter().map(|batch| Ok(self.delete_batch(batch)));
        stream::iter(batches).try_buffer_unordered(BATCHES_AT_ONCE).try_collect().await
    }

    async fn delete_batch(&self, keys: Vec<Key>) -> Result<()> {
        let delete = |key: &Key| {
            let delete = DeleteRequest::builder().set_key(Some(key_attributes(key))).build();
            Ok(WriteRequest::builder().delete_request(delete.map_err(Error::internal)?).build())
        };
        let mut left: Vec<WriteRequest> = keys.iter().map(delete).collect::<Result<_>>()?;
        let mut wait = FIRST_WAIT;
        for _ in 0..ROUNDS {
            let request = self
                .client
                .batch_write_item()
                .request_items(&self.name, left)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = meter::call(request.send()).await.map_err(failure)?;
            meter::written(answer.consumed_capacity());
            left =
                answer.unprocessed_items.unwrap_or_default().remove(&self.name).unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            // DynamoDB has more to do than it can, and asks to wait by leaving some.
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(Error::Unavailable("DynamoDB left items of a batch unprocessed".into()))
    }
}
