//! Lists that are spread over partitions by time, newest first: one page, and the cursor to the next.

use std::sync::Arc;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use futures_util::future::try_join_all;

use super::expression::Condition;
use super::filling::{Filling, is_before};
use super::item::{Record, from_item, key_of};
use super::keys::Key;
use super::page::{LOOKED_AT, MOST_CALLS, Page, PageRequest, open};
use super::partition::Bounded;
use super::range::{Call, Range, Which};
use crate::context::Context;
use crate::error::Result;
use crate::secrets::Keyring;

/// Most partitions that one page goes on to, side by side.
const MOST_PARTITIONS: usize = 24;

/// Partitions that [`Timeline::first`] begins with side by side.
const AT_ONCE: usize = 4;

/// Items that [`Timeline::first`] looks at for those that a filter lets through.
const MOST_LOOKED_AT: usize = 30_000;

/// A list that is spread over partitions by time.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Whose list it is, and what else makes it another list: what its cursors are bound to.
    pub name: String,
    /// The partition of the newest. The keys of those before it are less.
    pub newest: String,
    /// The least sort key.
    pub from: String,
    /// Sort keys from here on are left out.
    pub to: String,
    /// What items have to be like.
    pub filter: Option<Condition>,
}

/// How far back a list goes that is being read.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its partitions, the newest first.
    pub partitions: Vec<String>,
    /// The sort key before which nothing counts any more.
    pub from: String,
}

/// A page of a list, of which the first partition is read.
pub struct Begun<'t> {
    timeline: &'t Timeline,
    keyring: Arc<Keyring>,
    place: String,
    first: String,
    filling: Filling,
}

impl Timeline {
    /// Reads what the newest partition, or that of the cursor, has for the page: one call. How far back
    /// the list goes, and whether whoever asks may see it, needn't be known yet, so that it can be found
    /// out at the same time.
    pub async fn begin(&self, ctx: &Context, page: &PageRequest) -> Result<Begun<'_>> {
        let keyring = ctx.secrets.keyring().await;
        let place = format!("timeline {}", self.name);
        let after = open(&keyring, &place, page)?;
        let first = after.as_ref().map_or(&self.newest, |after| &after.pk).clone();
        let mut filling = Filling::of(page);
        let after = after.filter(|after| !is_before(after));
        let limit = self.looked_at(filling.missing());
        filling.add(self.read(ctx, &first, after.as_ref(), &self.from, limit).await?);
        Ok(Begun { timeline: self, keyring, place, first, filling })
    }

    /// The newest, up to `most`, without paging; `more` where there may be others. One after the other,
    /// a call for each megabyte, but for the first of a few partitions at a time.
    pub async fn first<R: Record>(
        &self,
        ctx: &Context,
        past: &Past,
        most: usize,
    ) -> Result<Bounded<R>> {
        let (mut items, mut looked_at) = (Vec::new(), 0);
        let mut more = false;
        // What ends before it begins is nothing to DynamoDB but a mistake.
        let is_empty = self.to < past.from;
        let partitions = if is_empty { &[] } else { past.partitions.as_slice() };
        'reading: for some in partitions.chunks(AT_ONCE) {
            let begun = some.iter().map(|pk| self.read(ctx, pk, None, &past.from, most + 1));
            for (pk, mut answer) in some.iter().zip(try_join_all(begun).await?) {
                loop {
                    looked_at += usize::try_from(answer.scanned_count).unwrap_or_default();
                    let stop = answer.last_evaluated_key.as_ref().map(key_of).transpose()?;
                    items.extend(answer.items.unwrap_or_default());
                    if items.len() > most || looked_at > MOST_LOOKED_AT {
                        more = true;
                        break 'reading;
                    }
                    let Some(stop) = stop else { break };
                    let missing = most + 1 - items.len();
                    answer = self.read(ctx, pk, Some(&stop), &past.from, missing).await?;
                }
            }
        }
        items.truncate(most);
        let items = items.into_iter().map(from_item).collect::<Result<_>>()?;
        Ok(Bounded { items, more })
    }

    /// How many items to look at for as many as are missing.
    fn looked_at(&self, missing: usize) -> usize {
        if self.filter.is_some() { LOOKED_AT } else { missing }
    }

    async fn read(
        &self,
        ctx: &Context,
        pk: &str,
        after: Option<&Key>,
        from: &str,
        limit: usize,
    ) -> Result<QueryOutput> {
        let range = Range { pk, which: Which::Descending { from, to: &self.to } };
        let call = Call { after, filter: self.filter.as_ref(), ..Call::of(&range, limit) };
        ctx.table.query(&call).await
    }
}

impl Begun<'_> {
    /// The page: no further round trip where the first partition filled it, one otherwise, however many
    /// partitions there are. With a filter that leaves most of the first partition out, up to
    /// [`MOST_CALLS`] before that; with a filter, or very many partitions, the page may end before it is
    /// full, with a cursor. What is added meanwhile doesn't move what the following pages hold.
    pub async fn finish<R: Record>(mut self, ctx: &Context, past: &Past) -> Result<Page<R>> {
        let timeline = self.timeline;
        self.filling.end_below(&past.from)?;
        let mut calls = 1;
        while timeline.filter.is_some()
            && calls < MOST_CALLS
            && let Some(stop) = self.filling.resume()?
        {
            let limit = timeline.looked_at(self.filling.missing());
            let answer = timeline.read(ctx, &self.first, Some(&stop), &past.from, limit);
            self.filling.add(answer.await?);
            calls += 1;
        }
        let missing = self.filling.missing();
        if missing > 0 {
            // Side by side, since most are empty: one after the other, a page could take as many round
            // trips as there are partitions.
            let limit = timeline.looked_at(missing);
            let rest: Vec<_> = past.partitions.iter().filter(|pk| **pk < self.first).collect();
            let next = &rest[..rest.len().min(MOST_PARTITIONS)];
            let next = next.iter().map(|pk| timeline.read(ctx, pk, None, &past.from, limit));
            for answer in try_join_all(next).await? {
                self.filling.add(answer);
            }
            if let Some(next) = rest.get(MOST_PARTITIONS) {
                self.filling.stop_before(next);
            }
        }
        self.filling.finish(ctx, &self.keyring, &self.place)
    }
}
