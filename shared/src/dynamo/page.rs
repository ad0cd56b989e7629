//! Lists: one page of a partition, or of several that follow each other, and the cursor to the next.
//!
//! A cursor is the last key, sealed: it can't be read, changed, or used for another query.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures_util::future::try_join_all;
use serde::Serialize;
use utoipa::ToSchema;

use super::failure::failure;
use super::item::{Item, Record, from_item, key_attributes, key_of};
use super::keys::Key;
use super::meter;
use super::table::{SliceOfOne, Table};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::secrets::{Keyring, Sealed};

/// Entries on a page unless the caller says otherwise.
pub const DEFAULT_LIMIT: u16 = 50;

/// Most entries on a page.
pub const MAX_LIMIT: u16 = 200;

/// Which page a caller wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// 1 to [`MAX_LIMIT`].
    pub limit: u16,
    /// Where the page before ended; `None` for the first page.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub data: Vec<T>,
    /// `cursor` of the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page with other entries.
    pub fn with<U>(self, data: Vec<U>) -> Page<U> {
        Page { data, next_cursor: self.next_cursor }
    }
}

/// A part of one partition: the sort keys that start with `prefix`, ascending.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Partition key.
    pub pk: String,
    /// How the sort keys start.
    pub prefix: &'static str,
}

/// A list that is spread over partitions by time, newest first.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Whose list it is, and what else makes it another list: what its cursors are bound to.
    pub name: String,
    /// Partition keys, the newest first. Their text has to descend.
    pub partitions: Vec<String>,
    /// The sort key before which nothing counts any more.
    pub from: String,
}

/// Reads one page: one round trip, whatever the table's size.
pub async fn query<R: Record>(ctx: &Context, slice: &Slice, page: &PageRequest) -> Result<Page<R>> {
    let keyring = ctx.secrets.keyring().await;
    let place = format!("cursor {} {}", slice.pk, slice.prefix);
    let after = open(&keyring, &place, page)?;
    let mut filling = Filling::of(page);
    let range = Range { pk: &slice.pk, keys: Keys::StartingWith(slice.prefix) };
    filling.add(read(&ctx.table, &range, after.as_ref(), filling.missing()).await?);
    filling.finish(ctx, &keyring, &place)
}

/// Reads one page: one round trip where the newest partition fills it, two otherwise, however many
/// partitions there are. What is added meanwhile doesn't move what the following pages hold.
pub async fn query_newest_first<R: Record>(
    ctx: &Context,
    timeline: &Timeline,
    page: &PageRequest,
) -> Result<Page<R>> {
    let keyring = ctx.secrets.keyring().await;
    let place = format!("timeline {}", timeline.name);
    let after = open(&keyring, &place, page)?;
    // The cursor's own may have left the list since: then what is older has left it as well.
    let is_left = |pk: &&String| after.as_ref().is_none_or(|after| **pk <= after.pk);
    let mut left = timeline.partitions.iter().filter(is_left);
    let mut filling = Filling::of(page);
    if let Some(pk) = left.next() {
        let range = Range { pk, keys: Keys::DownTo(&timeline.from) };
        let start = after.as_ref().filter(|after| after.pk == *pk);
        filling.add(read(&ctx.table, &range, start, filling.missing()).await?);
    }
    // Side by side, since most are empty: one after the other, a page could take as many round trips
    // as there are partitions.
    let missing = filling.missing();
    if missing > 0 {
        let rest = left.map(async |pk| {
            let range = Range { pk, keys: Keys::DownTo(&timeline.from) };
            read(&ctx.table, &range, None, missing).await
        });
        for part in try_join_all(rest).await? {
            filling.add(part);
        }
    }
    filling.finish(ctx, &keyring, &place)
}

/// Where the page before ended; [`Error::InvalidCursor`] unless the cursor is of that place.
fn open(keyring: &Keyring, place: &str, page: &PageRequest) -> Result<Option<Key>> {
    let Some(cursor) = &page.cursor else {
        return Ok(None);
    };
    let opened = keyring.open(place, &Sealed::from_text(cursor));
    let text = opened.and_then(|text| String::from_utf8(text).ok());
    let key = text.as_deref().and_then(|text| text.split_once('\n'));
    let (pk, sk) = key.ok_or(Error::InvalidCursor)?;
    Ok(Some(Key { pk: pk.to_owned(), sk: sk.to_owned() }))
}

/// Some of the items of one partition.
struct Range<'a> {
    pk: &'a str,
    keys: Keys<'a>,
}

/// Which sort keys, and in which order.
enum Keys<'a> {
    /// Ascending.
    StartingWith(&'a str),
    /// Descending.
    DownTo(&'a str),
}

/// What one call found, and where it stopped if that was before the end.
struct Part {
    items: Vec<Item>,
    stopped_at: Option<Item>,
}

async fn read(table: &Table, range: &Range<'_>, after: Option<&Key>, limit: usize) -> Result<Part> {
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
struct Filling {
    limit: usize,
    items: Vec<Item>,
    stopped_at: Option<Item>,
}

impl Filling {
    fn of(page: &PageRequest) -> Self {
        Self { limit: usize::from(page.limit), items: Vec::new(), stopped_at: None }
    }

    /// How many items to ask for. One more than the page holds: it tells whether there is a next
    /// page without another call.
    fn missing(&self) -> usize {
        if self.stopped_at.is_some() { 0 } else { self.limit + 1 - self.items.len() }
    }

    /// Adds what comes next in the list, unless the page has ended before.
    fn add(&mut self, part: Part) {
        let missing = self.missing();
        if missing > 0 {
            self.items.extend(part.items.into_iter().take(missing));
            self.stopped_at = part.stopped_at;
        }
    }

    fn finish<R: Record>(
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
