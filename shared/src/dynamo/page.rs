//! Lists: one page of a partition, and the cursor to the next. `timeline.rs` has those that are spread
//! over several.
//!
//! A cursor is the last key, sealed: it can't be read, changed, or used for another query.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use super::expression::Condition;
use super::filling::Filling;
use super::item::Record;
use super::keys::Key;
use super::range::{Call, Range, Which};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::secrets::{Keyring, Sealed};

/// Entries on a page unless the caller says otherwise.
pub const DEFAULT_LIMIT: u16 = 50;

/// Most entries on a page.
pub const MAX_LIMIT: u16 = 200;

/// Items that one call looks at for those that a filter lets through.
pub(super) const LOOKED_AT: usize = 1_000;

/// Most calls for one page in one partition, one after the other, while a filter leaves it unfilled.
pub(super) const MOST_CALLS: usize = 4;

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
    /// Nothing, and no next page.
    pub const fn empty() -> Self {
        Self { data: Vec::new(), next_cursor: None }
    }

    /// The same page with other entries.
    pub fn with<U>(self, data: Vec<U>) -> Page<U> {
        Page { data, next_cursor: self.next_cursor }
    }
}

/// A part of one partition: the sort keys that start with `prefix`, ascending unless it says otherwise.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Partition key.
    pub pk: String,
    /// How the sort keys start.
    prefix: Cow<'static, str>,
    filter: Option<Filter>,
    descending: bool,
}

/// Which items of a slice count.
#[derive(Clone, Debug)]
struct Filter {
    name: String,
    condition: Condition,
}

impl Slice {
    /// All of it.
    pub fn of(pk: String, prefix: impl Into<Cow<'static, str>>) -> Self {
        Self { pk, prefix: prefix.into(), filter: None, descending: false }
    }

    /// Only those items that are like this; others are looked at and left out. `name` tells this filter
    /// from others: a cursor goes with it.
    #[must_use]
    pub fn only(self, name: impl Into<String>, condition: Condition) -> Self {
        Self { filter: Some(Filter { name: name.into(), condition }), ..self }
    }

    /// The same from its end, where sort keys tell what is newer.
    #[must_use]
    pub fn newest_first(self) -> Self {
        Self { descending: true, ..self }
    }

    /// What its cursors are sealed for.
    fn place(&self) -> String {
        let filter = self.filter.as_ref().map_or("", |filter| filter.name.as_str());
        let order = if self.descending { "newest first " } else { "" };
        format!("cursor {order}{} {} {filter}", self.pk, self.prefix)
    }

    fn range(&self) -> Range<'_> {
        let prefix = self.prefix.as_ref();
        let which = match prefix {
            prefix if self.descending => Which::StartingWithDescending(prefix),
            // Every key starts so, but DynamoDB takes no empty text for a key.
            "" => Which::All,
            prefix => Which::StartingWith(prefix),
        };
        Range { pk: &self.pk, which }
    }

    /// The cursor to its beginning, for a list in which it comes behind something else. `before` is in
    /// the slice and less than any key that is used.
    pub async fn beginning(&self, ctx: &Context, before: &Key) -> Result<String> {
        cursor_to(ctx, &*ctx.secrets.keyring().await, &self.place(), before)
    }

    /// Whether the cursor is one of this slice's.
    pub async fn has(&self, ctx: &Context, page: &PageRequest) -> bool {
        let opened = open(&*ctx.secrets.keyring().await, &self.place(), page);
        matches!(opened, Ok(Some(_)))
    }
}

/// Reads one page: one round trip, whatever the table's size. With a filter up to [`MOST_CALLS`], and the
/// page may end before it is full, with a cursor.
pub async fn query<R: Record>(ctx: &Context, slice: &Slice, page: &PageRequest) -> Result<Page<R>> {
    let keyring = ctx.secrets.keyring().await;
    let place = slice.place();
    let mut after = open(&keyring, &place, page)?;
    let mut filling = Filling::of(page);
    let range = slice.range();
    for calls in 1.. {
        let filter = slice.filter.as_ref().map(|filter| &filter.condition);
        // Most filters let nearly all through: more is looked at where one doesn't.
        let limit = if calls == 1 { filling.missing() } else { LOOKED_AT };
        let call = Call { after: after.as_ref(), filter, ..Call::of(&range, limit) };
        filling.add(ctx.table.query(&call).await?);
        if filter.is_none() || calls == MOST_CALLS {
            break;
        }
        match filling.resume()? {
            Some(stop) => after = Some(stop),
            None => break,
        }
    }
    filling.finish(ctx, &keyring, &place)
}

/// The cursor that goes on behind that key.
pub(super) fn cursor_to(
    ctx: &Context,
    keyring: &Keyring,
    place: &str,
    key: &Key,
) -> Result<String> {
    seal_pair(ctx, keyring, place, (&key.pk, &key.sk))
}

/// Where the page before ended; [`Error::InvalidCursor`] unless the cursor is of that place.
pub(super) fn open(keyring: &Keyring, place: &str, page: &PageRequest) -> Result<Option<Key>> {
    let opened = open_pair(keyring, place, page)?;
    Ok(opened.map(|(pk, sk)| Key { pk, sk }))
}

/// Where the page before ended, of a list that isn't one query's: what [`seal_pair`] was given.
/// [`Error::InvalidCursor`] unless the cursor is of that place.
pub(crate) fn open_pair(
    keyring: &Keyring,
    place: &str,
    page: &PageRequest,
) -> Result<Option<(String, String)>> {
    let Some(cursor) = &page.cursor else {
        return Ok(None);
    };
    let opened = keyring.open(place, &Sealed::from_text(cursor));
    let text = opened.and_then(|text| String::from_utf8(text).ok());
    let pair = text.as_deref().and_then(|text| text.split_once('\n'));
    let (first, second) = pair.ok_or(Error::InvalidCursor)?;
    Ok(Some((first.to_owned(), second.to_owned())))
}

/// The cursor to what comes after the entry that the two texts name, of which the first is one line.
pub(crate) fn seal_pair(
    ctx: &Context,
    keyring: &Keyring,
    place: &str,
    (first, second): (&str, &str),
) -> Result<String> {
    let sealed = keyring.seal(&*ctx.random, place, format!("{first}\n{second}").as_bytes())?;
    Ok(sealed.as_str().to_owned())
}
