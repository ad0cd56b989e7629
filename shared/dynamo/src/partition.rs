//! Reads a range without pages, up to a limit, and deletes the items of a partition.

use std::time::Duration;

use aws_sdk_dynamodb::types::{DeleteRequest, ReturnConsumedCapacity, WriteRequest};
use futures_util::{TryStreamExt, stream};

use crate::boxed_send::BoxedSend;
use crate::error::Error;
use crate::item::{Record, from_item, key_attributes, key_of};
use crate::key::Key;
use crate::meter;
use crate::range::{QueryCall, Range, SortKeyCondition};
use crate::sdk_error::failure;
use crate::table::Table;

/// DynamoDB's limit for one `BatchWriteItem`.
const DELETE_BATCH_SIZE: usize = 25;

/// Batches that are written concurrently.
const DELETE_CONCURRENCY: usize = 4;

/// Keys that are read before they are deleted. This bounds the memory for partitions of any size.
const KEY_BATCH_SIZE: usize = 1000;

/// How often a batch is sent while DynamoDB leaves some of it unprocessed.
const MAX_BATCH_ATTEMPTS: u32 = 6;

/// The wait before the second attempt of a batch. It doubles with each attempt.
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);

/// The first items of a range.
#[derive(Debug)]
pub struct Chunk<R> {
    /// The items, in the order of their sort keys.
    pub items: Vec<R>,
    /// Whether the range has further items.
    pub more: bool,
}

impl<E: From<Error>> Table<E> {
    /// Reads the first items of a range, at max `max`, with one call for each megabyte.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn query_first<R: Record>(
        &self,
        range: &Range<'_>,
        max: usize,
    ) -> Result<Chunk<R>, E> {
        self.query_first_after(range, None, max).await
    }

    /// Reads items as [`Table::query_first`] does, beginning behind the key `after`, which need not
    /// exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn query_first_after<R: Record>(
        &self,
        range: &Range<'_>,
        after: Option<&Key>,
        max: usize,
    ) -> Result<Chunk<R>, E> {
        let mut items = Vec::new();
        let mut after = after.cloned();
        loop {
            // One item more shows whether the range has further items.
            let mut call = QueryCall::new(range, max + 1 - items.len());
            call.after = after.as_ref();
            let answer = self.query(&call).await?;
            items.extend(answer.items.unwrap_or_default());
            after = answer.last_evaluated_key.as_ref().map(key_of).transpose()?;
            if after.is_none() || items.len() > max {
                break;
            }
        }
        let more = items.len() > max;
        items.truncate(max);
        let items = items.into_iter().map(from_item).collect::<Result<_, Error>>()?;
        Ok(Chunk { items, more })
    }

    /// Reads all items of a range. Only for ranges that cannot become large.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn query_all<R: Record>(&self, range: &Range<'_>) -> Result<Vec<R>, E> {
        self.query_first(range, usize::MAX - 1).await.map(|found| found.items)
    }

    /// Reads the first items of a range in one call: at max `max` items, and at max 1 MB. `more` may be
    /// true although the range ends there.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn query_chunk<R: Record>(
        &self,
        range: &Range<'_>,
        max: usize,
    ) -> Result<Chunk<R>, E> {
        self.query_chunk_after(range, None, max).await
    }

    /// Reads items as [`Table::query_chunk`] does, beginning behind the key `after`, which need not exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn query_chunk_after<R: Record>(
        &self,
        range: &Range<'_>,
        after: Option<&Key>,
        max: usize,
    ) -> Result<Chunk<R>, E> {
        let answer = self.query(&QueryCall { after, ..QueryCall::new(range, max) }).await?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default().into_iter();
        Ok(Chunk { items: items.map(from_item).collect::<Result<_, Error>>()?, more })
    }

    /// Deletes the first items of a range, at max `max` and as many as one call finds. Returns whether
    /// the range may have further items.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn delete_chunk(&self, range: &Range<'_>, max: usize) -> Result<bool, E> {
        let answer =
            self.query(&QueryCall { keys_only: true, ..QueryCall::new(range, max) }).await?;
        let keys =
            answer.items.unwrap_or_default().iter().map(key_of).collect::<Result<_, Error>>()?;
        self.delete_all(keys).await?;
        Ok(answer.last_evaluated_key.is_some())
    }

    /// Deletes all items of a partition except the one with the sort key `spared`. An interrupted call
    /// can be repeated.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn delete_partition(&self, pk: &str, spared: Option<&str>) -> Result<(), E> {
        let mut after = None;
        loop {
            let call = QueryCall {
                after: after.as_ref(),
                keys_only: true,
                ..QueryCall::new(&Range { pk, sort_keys: SortKeyCondition::All }, KEY_BATCH_SIZE)
            };
            let answer = self.query(&call).await?;
            let keys =
                answer.items.unwrap_or_default().iter().map(key_of).collect::<Result<_, Error>>();
            let mut keys: Vec<Key> = keys?;
            keys.retain(|key| spared != Some(key.sk.as_str()));
            self.delete_all(keys).await?;
            after = answer.last_evaluated_key.as_ref().map(key_of).transpose()?;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Deletes any number of items without a condition. The deletion is not atomic. Each key must occur once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn delete_all(&self, keys: Vec<Key>) -> Result<(), E> {
        let batches: Vec<_> = keys.chunks(DELETE_BATCH_SIZE).map(<[Key]>::to_vec).collect();
        let batches = batches.into_iter().map(|batch| Ok(self.delete_batch(batch)));
        stream::iter(batches).try_buffer_unordered(DELETE_CONCURRENCY).try_collect().await
    }

    async fn delete_batch(&self, keys: Vec<Key>) -> Result<(), E> {
        let delete = |key: &Key| {
            let delete = DeleteRequest::builder().set_key(Some(key_attributes(key))).build();
            Ok(WriteRequest::builder().delete_request(delete.map_err(Error::internal)?).build())
        };
        let mut left: Vec<WriteRequest> = keys.iter().map(delete).collect::<Result<_, Error>>()?;
        let mut wait = INITIAL_BACKOFF;
        for _ in 0..MAX_BATCH_ATTEMPTS {
            let request = self
                .client
                .batch_write_item()
                .request_items(&self.name, left)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = meter::count_call(request.send_boxed()).await.map_err(failure)?;
            meter::add_written(answer.consumed_capacity());
            left =
                answer.unprocessed_items.unwrap_or_default().remove(&self.name).unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            // DynamoDB leaves items unprocessed when it is overloaded, so the retry waits.
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(Error::unavailable("DynamoDB left items of a batch unprocessed").into())
    }
}
