//! A page while it is read, call by call.

use aws_sdk_dynamodb::operation::query::QueryOutput;

use super::item::{Item, Record, from_item, key_attributes, key_of};
use super::keys::Key;
use super::page::{Page, PageRequest, cursor_to};
use crate::context::Context;
use crate::error::Result;
use crate::secrets::Keyring;

/// Whether that is where a page stopped before a partition: no item has such a key.
pub(super) fn is_before(key: &Key) -> bool {
    key.sk.is_empty()
}

/// A page while it is read.
pub(super) struct Filling {
    limit: usize,
    items: Vec<Item>,
    stopped_at: Option<Item>,
    /// Nothing more belongs to the list.
    ended: bool,
}

impl Filling {
    /// Nothing yet.
    pub(super) fn of(page: &PageRequest) -> Self {
        Self { limit: usize::from(page.limit), items: Vec::new(), stopped_at: None, ended: false }
    }

    /// How many items to ask for. One more than the page holds: it tells whether there is a next
    /// page without another call.
    pub(super) fn missing(&self) -> usize {
        let is_over = self.ended || self.stopped_at.is_some();
        if is_over { 0 } else { self.limit + 1 - self.items.len() }
    }

    /// Adds what comes next in the list, unless the page has ended before.
    pub(super) fn add(&mut self, answer: QueryOutput) {
        let missing = self.missing();
        if missing > 0 {
            self.items.extend(answer.items.unwrap_or_default().into_iter().take(missing));
            self.stopped_at = answer.last_evaluated_key;
        }
    }

    /// Ends the page before the first item whose sort key is less than `least`.
    pub(super) fn end_below(&mut self, least: &str) -> Result<()> {
        let is_below = |item: &Item| Ok(key_of(item)?.sk.as_str() < least);
        let mut kept = 0;
        while kept < self.items.len() && !is_below(&self.items[kept])? {
            kept += 1;
        }
        let stopped_below = self.stopped_at.as_ref().map(is_below).transpose()?;
        self.ended |= kept < self.items.len() || stopped_below == Some(true);
        self.items.truncate(kept);
        if self.ended {
            self.stopped_at = None;
        }
        Ok(())
    }

    /// Ends the page before a partition, unless it has ended already: that is the next one's.
    pub(super) fn stop_before(&mut self, pk: &str) {
        if self.missing() > 0 {
            self.stopped_at = Some(key_attributes(&Key { pk: pk.to_owned(), sk: String::new() }));
        }
    }

    /// Where the last call stopped, if the page isn't full: from there it can go on.
    pub(super) fn resume(&mut self) -> Result<Option<Key>> {
        if self.items.len() > self.limit {
            return Ok(None);
        }
        self.stopped_at.take().as_ref().map(key_of).transpose()
    }

    /// The page, and the cursor to the next where there is more.
    pub(super) fn finish<R: Record>(
        mut self,
        ctx: &Context,
        keyring: &Keyring,
        place: &str,
    ) -> Result<Page<R>> {
        let ended_at = if self.items.len() > self.limit {
            self.items.truncate(self.limit);
            self.items.last()
        } else {
            self.stopped_at.as_ref()
        };
        let next_cursor = match ended_at {
            Some(item) => Some(cursor_to(ctx, keyring, place, &key_of(item)?)?),
            None => None,
        };
        let data = self.items.into_iter().map(from_item).collect::<Result<_>>()?;
        Ok(Page { data, next_cursor })
    }
}
