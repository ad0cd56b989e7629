//! Collects the items of a page from one or more calls.

use aws_sdk_dynamodb::operation::query::QueryOutput;

use crate::cursor::seal_key;
use crate::environment::CursorCipher;
use crate::error::Error;
use crate::item::{Item, Record, from_item, key_attributes, key_of};
use crate::key::Key;
use crate::page::{Page, PageRequest};

/// Returns whether a page ended before the first item of the key's partition. No item has an empty sort key.
pub(crate) fn is_before_partition(key: &Key) -> bool {
    key.sk.is_empty()
}

/// Collects the items of a page from one or more calls.
pub(crate) struct PageBuilder {
    limit: usize,
    items: Vec<Item>,
    stopped_at: Option<Item>,
    /// Whether the list has no further items.
    ended: bool,
}

impl PageBuilder {
    pub(crate) fn new(page: &PageRequest) -> Self {
        Self { limit: usize::from(page.limit), items: Vec::new(), stopped_at: None, ended: false }
    }

    /// How many items to request. One more than the page holds: that item shows without another call
    /// that there is a next page.
    pub(crate) fn missing(&self) -> usize {
        let is_over = self.ended || self.stopped_at.is_some();
        if is_over { 0 } else { self.limit + 1 - self.items.len() }
    }

    /// Adds the items of the next call, unless the page has ended before them.
    pub(crate) fn add(&mut self, answer: QueryOutput) {
        let missing = self.missing();
        if missing > 0 {
            self.items.extend(answer.items.unwrap_or_default().into_iter().take(missing));
            self.stopped_at = answer.last_evaluated_key;
        }
    }

    /// Ends the list before the first item whose sort key is less than `min`.
    pub(crate) fn end_below(&mut self, min: &str) -> Result<(), Error> {
        let is_below = |item: &Item| Ok::<_, Error>(key_of(item)?.sk.as_str() < min);
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

    /// Ends the page before a partition, unless it has ended already. The next page begins there.
    pub(crate) fn stop_before_partition(&mut self, pk: &str) {
        if self.missing() > 0 {
            self.stopped_at = Some(key_attributes(&Key::new(pk, "")));
        }
    }

    /// Takes the key at which the last call stopped, if the page is not full: the next call continues
    /// behind it.
    pub(crate) fn take_resume_key(&mut self) -> Result<Option<Key>, Error> {
        if self.items.len() > self.limit {
            return Ok(None);
        }
        self.stopped_at.take().as_ref().map(key_of).transpose()
    }

    /// Makes the page, with a cursor if there are further entries.
    pub(crate) fn finish<R: Record>(
        mut self,
        cipher: &impl CursorCipher,
        aad: &str,
    ) -> Result<Page<R>, Error> {
        let ended_at = if self.items.len() > self.limit {
            self.items.truncate(self.limit);
            self.items.last()
        } else {
            self.stopped_at.as_ref()
        };
        let next_cursor = match ended_at {
            Some(item) => Some(seal_key(cipher, aad, &key_of(item)?)?),
            None => None,
        };
        let data = self.items.into_iter().map(from_item).collect::<Result<_, _>>()?;
        Ok(Page { data, next_cursor })
    }
}
