//! Pages of lists that Stripe keeps: its ids, in cursors of ours.

use crate::context::Context;
use crate::dynamo::{Environment, PageRequest, open_cursor, seal_cursor};
use crate::error::Result;

/// Most that Stripe answers at once.
const MOST: u16 = 100;

/// A page as Stripe is asked for it.
#[derive(Debug)]
pub(super) struct Asked {
    place: String,
    /// The id that the page before ended with.
    after: Option<String>,
    /// Most entries.
    pub(super) limit: u16,
}

impl Asked {
    /// What a caller asks for, of the list of that name. [`crate::error::Error::InvalidCursor`] of another
    /// list's cursor.
    pub(super) async fn of(ctx: &Context, list: &str, page: &PageRequest) -> Result<Self> {
        let place = format!("cursor {list}");
        let after = open_cursor(&ctx.cursor_cipher().await, &place, page)?.map(|(_, id)| id);
        Ok(Self { place, after, limit: page.limit.min(MOST) })
    }

    /// The id that the page before ended with.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The cursor to what comes behind that id; `None` where nothing does.
    pub(super) async fn next(&self, ctx: &Context, last: Option<&str>) -> Result<Option<String>> {
        let Some(last) = last else { return Ok(None) };
        Ok(Some(seal_cursor(&ctx.cursor_cipher().await, &self.place, ("", last))?))
    }
}
