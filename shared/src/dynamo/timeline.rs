//! Lists that are spread over partitions by time, newest first: one page, and the cursor to the next.

use std::sync::Arc;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use futures_util::future::try_join_all;

use super::expression::Condition;
use super::filling::Filling;
use super::item::Record;
use super::keys::Key;
use super::page::{Page, PageRequest, open};
use super::range::{Call, Range, Which};
use crate::context::Context;
use crate::error::Result;
use crate::secrets::Keyring;

/// Items that one call looks at for those that a filter lets through.
const LOOKED_AT: usize = 1_000;

/// Most calls for one page, one after the other, while a filter leaves it unfilled.
const MOST_CALLS: usize = 4;

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
    /// Reads what the newest partition, or that of the cursor, has for the page: one round trip, or up
    /// to [`MOST_CALLS`] with a filter that leaves most out. How far back the list goes needn't be
    /// known yet, so that it can be found out at the same time.
    pub async fn begin(&self, ctx: &Context, page: &PageRequest) -> Result<Begun<'_>> {
        let keyring = ctx.secrets.keyring().await;
        let place = format!("timeline {}", self.name);
        let after = open(&keyring, &place, page)?;
        let first = after.as_ref().map_or(&self.newest, |after| &after.pk).clone();
        let mut filling = Filling::of(page);
        let missing = filling.missing();
        filling.add(self.read(ctx, &first, after.as_ref(), &self.from, missing).await?);
        let mut calls = 1;
        while self.filter.is_some()
            && calls < MOST_CALLS
            && let Some(stop) = filling.resume()?
        {
            let missing = filling.missing();
            filling.add(self.read(ctx, &first, Some(&stop), &self.from, missing).await?);
            calls += 1;
        }
        Ok(Begun { timeline: self, keyring, place, first, filling })
    }

    async fn read(
        &self,
        ctx: &Context,
        pk: &str,
        after: Option<&Key>,
        from: &str,
        missing: usize,
    ) -> Result<QueryOutput> {
        let range = Range { pk, which: Which::Descending { from, to: &self.to } };
        let limit = if self.filter.is_some() { LOOKED_AT } else { missing };
        let call = Call { after, filter: self.filter.as_ref(), ..Call::of(&range, limit) };
        ctx.table.query(&call).await
    }
}

impl Begun<'_> {
    /// The page: no further round trip where the first partition filled it, one otherwise, however many
    /// partitions there are. With a filter it may end before it is full, with a cursor. What is added
    /// meanwhile doesn't move what the following pages hold.
    pub async fn finish<R: Record>(mut self, ctx: &Context, past: &Past) -> Result<Page<R>> {
        self.filling.end_below(&past.from)?;
        let missing = self.filling.missing();
        if missing > 0 {
            // Side by side, since most are empty: one after the other, a page could take as many round
            // trips as there are partitions.
            let rest = past.partitions.iter().filter(|pk| **pk < self.first);
            let timeline = self.timeline;
            let rest = rest.map(|pk| timeline.read(ctx, pk, None, &past.from, missing));
            for answer in try_join_all(rest).await? {
                self.filling.add(answer);
            }
        }
        self.filling.finish(ctx, &self.keyring, &self.place)
    }
}
