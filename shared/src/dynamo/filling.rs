//! Reading a list call by call, until a page is full.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use super::failure::failure;
use super::item::{Item, Record, from_item, key_attributes, key_of};
use super::keys::Key;
use super::meter;
use super::page::{Page, PageRequest};
use super::table::{SliceOfOne, Table};
use crate::context::Context;
use crate::error::Result;
use crate::secrets::Keyring;

/// Some of the items of one partition.
pub(super) struct Range<'a> {
    pub(super) pk: &'a str,
    pub(super) keys: Keys<'a>,
}

/// Which sort keys, and in which order.
pub(super) enum Keys<'a> {
    /// Ascending.
    StartingWith(&'a str),
    /// Descending.
    DownTo(&'a str),
}

/// What one call found, and where it stopped if that was before the end.
pub(super) struct Part {
    items: Vec<Item>,
    stopped_at: Option<Item>,
}

/// One call; `after` is where an earlier one stopped.
pub(super) async fn read(
    table: &Table,
    range: &Range<'_>,
    after: Option<&Key>,
    limit: usize,
) -> Result<Part> {
    let (condition, ascending, bound) = match range.keys {
        Keys::StartingWith(prefix) => ("begins_with(#sk, :bound)", true, prefix),
        Keys::DownTo(least) => ("#sk >= :bound", false, least),
    };
    let request = table
        .client
        .query()
        .table_name(&table.name)
        .key_condition_expression(format!("#pk = :pk AND {condition}"))
        .expression_attribute_names("#pk", "pk")
        .expression_attribute_names("#sk", "sk")
        .expression_attribute_values(":pk", AttributeValue::S(range.pk.to_owned()))
        .expression_attribute_values(":bound", AttributeValue::S(bound.to_owned()))
        .scan_index_forward(ascending)
        .set_exclusive_start_key(after.map(key_attributes))
        .limit(i32::try_from(limit).unwrap_or(i32::MAX))
        .consistent_read(true)
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    let answer = meter::call(request.send()).await.map_err(failure)?;
    meter::read(answer.consumed_capacity.as_slice_of_one());
    Ok(Part { items: answer.items.unwrap_or_default(), stopped_at: answer.last_evaluated_key })
}

/// A page while it is read.
pub(super) struct Filling {
    limit: usize,
    items: Vec<Item>,
    stopped_at: Option<Item>,
}

impl Filling {
    /// Nothing yet.
    pub(super) fn of(page: &PageRequest) -> Self {
        Self { limit: usize::from(page.limit), items: Vec::new(), stopped_at: None }
    }

    /// How many items to ask for. One more than the page holds: it tells whether there is a next
    /// page without another call.
    pub(super) fn missing(&self) -> usize {
        if self.stopped_at.is_some() { 0 } else { self.limit + 1 - self.items.len() }
    }

    /// Adds what comes next in the list, unless the page has ended before.
    pub(super) fn add(&mut self, part: Part) {
        let missing = self.missing();
        if missing > 0 {
            self.items.extend(part.items.into_iter().take(missing));
            self.stopped_at = part.stopped_at;
        }
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
            Some(item) => {
                let Key { pk, sk } = key_of(item)?;
                let sealed = keyring.seal(&*ctx.random, place, format!("{pk}\n{sk}").as_bytes())?;
                Some(sealed.as_str().to_owned())
            }
            None => None,
        };
        let data = self.items.into_iter().map(from_item).collect::<Result<_>>()?;
        Ok(Page { data, next_cursor })
    }
}
