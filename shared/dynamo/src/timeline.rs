//! Lists that are spread over partitions by time, newest first: one page, and the cursor to the next.

use aws_sdk_dynamodb::operation::query::QueryOutput;
use futures_util::future::try_join_all;

use crate::cursor::open_key;
use crate::environment::Environment;
use crate::error::Error;
use crate::expression::Condition;
use crate::item::{Record, from_item, key_of};
use crate::key::Key;
use crate::list_query::{FILTERED_QUERY_LIMIT, MAX_CALLS_PER_PAGE};
use crate::page::{Page, PageRequest};
use crate::page_builder::{PageBuilder, is_before_partition};
use crate::partition::Chunk;
use crate::range::{QueryCall, Range, SortKeyCondition};

/// Most further partitions that one page reads concurrently.
const MAX_PARTITIONS_PER_PAGE: usize = 24;

/// Partitions that [`Timeline::read_newest`] reads concurrently.
const PARTITION_CONCURRENCY: usize = 4;

/// Most items that [`Timeline::read_newest`] examines when a filter leaves some out.
const MAX_EXAMINED_ITEMS: usize = 30_000;

/// A list that is spread over partitions by time.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The name that its cursors are bound to. It states the owner and the filter.
    pub name: String,
    /// The partition key of the newest items. The partition keys of older items are less.
    pub newest: String,
    /// The least sort key.
    pub from: String,
    /// The sort key at which the list ends, exclusive.
    pub to: String,
    /// A condition on the items; others are left out.
    pub filter: Option<Condition>,
}

/// How far back in time a list reaches.
#[derive(Clone, Debug)]
pub struct TimelineExtent {
    /// The partition keys of the list, the newest first.
    pub partitions: Vec<String>,
    /// The least sort key. Older items do not belong to the list.
    pub from: String,
}

/// A page whose first partition has been read.
pub struct StartedPage<'t, C: Environment> {
    timeline: &'t Timeline,
    env: &'t C,
    cipher: C::Cipher,
    aad: String,
    first: String,
    builder: PageBuilder,
}

/// One call for items of a partition, newest first.
struct PartitionRead<'a> {
    pk: &'a str,
    /// The item that the call continues after.
    after: Option<&'a Key>,
    /// The sort key of the oldest item to read.
    from: &'a str,
    /// The maximum number of items to examine.
    limit: usize,
}

impl Timeline {
    /// Reads the items of the newest partition, or of the cursor's partition, in one call.
    ///
    /// The extent of the list and the caller's right to see it need not be known yet, so that both can
    /// be read concurrently with this call.
    ///
    /// # Errors
    /// - [`Error::InvalidCursor`] if the cursor does not belong to this list.
    /// - [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn start_page<'t, C: Environment>(
        &'t self,
        env: &'t C,
        page: &PageRequest,
    ) -> Result<StartedPage<'t, C>, C::Error> {
        let cipher = env.cursor_cipher().await;
        let aad = format!("timeline {}", self.name);
        let after = open_key(&cipher, &aad, page)?;
        let first = after.as_ref().map_or(&self.newest, |after| &after.pk).clone();
        let mut builder = PageBuilder::new(page);
        let after = after.filter(|after| !is_before_partition(after));
        let limit = self.query_limit(builder.missing());
        let read = PartitionRead { pk: &first, after: after.as_ref(), from: &self.from, limit };
        builder.add(self.read(env, read).await?);
        Ok(StartedPage { timeline: self, env, cipher, aad, first, builder })
    }

    /// Reads the newest items, at most `max`, without pages. The calls are consecutive, one for each
    /// megabyte, except for the first calls of up to four partitions, which are concurrent.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn read_newest<R: Record, C: Environment>(
        &self,
        env: &C,
        extent: &TimelineExtent,
        max: usize,
    ) -> Result<Chunk<R>, C::Error> {
        let (mut items, mut examined) = (Vec::new(), 0);
        let mut more = false;
        // DynamoDB refuses a range that ends before it begins.
        let is_empty = self.to < extent.from;
        let partitions = if is_empty { &[] } else { extent.partitions.as_slice() };
        'reading: for some in partitions.chunks(PARTITION_CONCURRENCY) {
            let first_read =
                |pk| PartitionRead { pk, after: None, from: &extent.from, limit: max + 1 };
            let first_calls = some.iter().map(|pk| self.read(env, first_read(pk)));
            for (pk, mut answer) in some.iter().zip(try_join_all(first_calls).await?) {
                loop {
                    examined += usize::try_from(answer.scanned_count).unwrap_or_default();
                    let stop = answer.last_evaluated_key.as_ref().map(key_of).transpose()?;
                    items.extend(answer.items.unwrap_or_default());
                    if items.len() > max || examined > MAX_EXAMINED_ITEMS {
                        more = true;
                        break 'reading;
                    }
                    let Some(stop) = stop else { break };
                    let (after, limit) = (Some(&stop), max + 1 - items.len());
                    let next = PartitionRead { pk, after, from: &extent.from, limit };
                    answer = self.read(env, next).await?;
                }
            }
        }
        items.truncate(max);
        let items = items.into_iter().map(from_item).collect::<Result<_, Error>>()?;
        Ok(Chunk { items, more })
    }

    /// How many items to examine to find `missing` ones.
    fn query_limit(&self, missing: usize) -> usize {
        if self.filter.is_some() { FILTERED_QUERY_LIMIT } else { missing }
    }

    async fn read(
        &self,
        env: &impl Environment,
        read: PartitionRead<'_>,
    ) -> Result<QueryOutput, Error> {
        let PartitionRead { pk, after, from, limit } = read;
        let sort_keys = SortKeyCondition::BetweenDescending { from, to: &self.to };
        let range = Range { pk, sort_keys };
        let call =
            QueryCall { after, filter: self.filter.as_ref(), ..QueryCall::new(&range, limit) };
        env.table().query(&call).await
    }
}

impl<C: Environment> StartedPage<'_, C> {
    /// Completes the page: no further round trip if the first partition filled it, otherwise one,
    /// independent of the number of partitions.
    ///
    /// With a filter that leaves out most of the first partition, up to three more calls come before
    /// that. With a filter or very many partitions the page may end before it is full, with a cursor.
    /// Items that are added meanwhile do not shift the following pages.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn finish<R: Record>(mut self, extent: &TimelineExtent) -> Result<Page<R>, C::Error> {
        let (timeline, env) = (self.timeline, self.env);
        self.builder.end_below(&extent.from)?;
        let mut calls = 1;
        while timeline.filter.is_some()
            && calls < MAX_CALLS_PER_PAGE
            && let Some(stop) = self.builder.take_resume_key()?
        {
            let limit = timeline.query_limit(self.builder.missing());
            let (pk, after) = (&self.first, Some(&stop));
            let read = PartitionRead { pk, after, from: &extent.from, limit };
            self.builder.add(timeline.read(env, read).await?);
            calls += 1;
        }
        let missing = self.builder.missing();
        if missing > 0 {
            // Concurrently, since most partitions are empty: consecutive calls could take as many round
            // trips as there are partitions.
            let limit = timeline.query_limit(missing);
            let rest: Vec<_> = extent.partitions.iter().filter(|pk| **pk < self.first).collect();
            let next = &rest[..rest.len().min(MAX_PARTITIONS_PER_PAGE)];
            let first_read = |pk| PartitionRead { pk, after: None, from: &extent.from, limit };
            let answers = next.iter().map(|pk| timeline.read(env, first_read(pk)));
            for answer in try_join_all(answers).await? {
                self.builder.add(answer);
            }
            if let Some(next) = rest.get(MAX_PARTITIONS_PER_PAGE) {
                self.builder.stop_before_partition(next);
            }
        }
        Ok(self.builder.finish(&self.cipher, &self.aad)?)
    }
}
