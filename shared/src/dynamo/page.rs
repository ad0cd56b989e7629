//! Lists: one page of a partition, and the cursor to the next.
//!
//! A cursor is the last sort key, sealed: it can't be read, changed, or used for another query.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde::Serialize;
use utoipa::ToSchema;

use super::failure::failure;
use super::item::{Record, from_item, key_attributes, key_of};
use super::keys::Key;
use super::meter;
use super::table::{SliceOfOne, Table};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::secrets::Sealed;

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

impl Slice {
    /// What a cursor of this query is bound to.
    fn place(&self) -> String {
        format!("cursor {} {}", self.pk, self.prefix)
    }
}

/// Reads one page: one round trip, whatever the table's size.
pub async fn query<R: Record>(ctx: &Context, slice: &Slice, page: &PageRequest) -> Result<Page<R>> {
    let keyring = ctx.secrets.keyring().await;
    let start = match &page.cursor {
        None => None,
        Some(cursor) => {
            let sk = keyring
                .open(&slice.place(), &Sealed::from_text(cursor))
                .and_then(|sk| String::from_utf8(sk).ok())
                .ok_or(Error::InvalidCursor)?;
            Some(key_attributes(&Key { pk: slice.pk.clone(), sk }))
        }
    };
    let Table { client, name } = &ctx.table;
    // One more than asked for: it tells whether there is a next page without another call.
    let request = client
        .query()
        .table_name(name)
        .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
        .expression_attribute_names("#pk", "pk")
        .expression_attribute_names("#sk", "sk")
        .expression_attribute_values(":pk", AttributeValue::S(slice.pk.clone()))
        .expression_attribute_values(":prefix", AttributeValue::S(slice.prefix.to_owned()))
        .set_exclusive_start_key(start)
        .limit(i32::from(page.limit) + 1)
        .consistent_read(true)
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    let answer = meter::call(request.send()).await.map_err(failure)?;
    meter::read(answer.consumed_capacity.as_slice_of_one());
    let cut_off = answer.last_evaluated_key.is_some();
    let mut items = answer.items.unwrap_or_default();
    let more = items.len() > usize::from(page.limit) || cut_off;
    items.truncate(usize::from(page.limit));
    let next_cursor = match items.last() {
        Some(last) if more => {
            let sk = key_of(last)?.sk;
            Some(keyring.seal(&*ctx.random, &slice.place(), sk.as_bytes())?.as_str().to_owned())
        }
        Some(_) | None => None,
    };
    Ok(Page { data: items.into_iter().map(from_item).collect::<Result<_>>()?, next_cursor })
}
