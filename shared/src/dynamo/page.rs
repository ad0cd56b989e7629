//! Lists: one page of a partition, or of several that follow each other, and the cursor to the next.
//!
//! A cursor is the last key, sealed: it can't be read, changed, or used for another query.

use futures_util::future::try_join_all;
use serde::Serialize;
use utoipa::ToSchema;

use super::filling::{Filling, Keys, Range, read};
use super::item::Record;
use super::keys::Key;
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
    // Nothing counts any more from the cursor on: DynamoDB refuses a start outside of what is asked for.
    if after.as_ref().is_some_and(|after| after.sk < timeline.from) {
        return Filling::of(page).finish(ctx, &keyring, &place);
    }
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
