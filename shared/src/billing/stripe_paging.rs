//! Paging through lists at Stripe. Our cursors hold its ids.

use crate::context::Context;
use crate::dynamo::{Environment, PageRequest, open_cursor, seal_cursor};
use crate::error::Result;

/// Entries of one page, the maximum of Stripe's API.
const MAX_PAGE_SIZE: u16 = 100;

/// A requested page of a list at Stripe.
#[derive(Debug)]
pub(super) struct StripePageRequest {
    /// The additional data that the cursor is sealed with.
    aad: String,
    /// The last id of the page before.
    after: Option<String>,
    /// The maximum number of entries.
    pub(super) limit: u16,
}

impl StripePageRequest {
    /// Opens the caller's cursor of the list with the given name.
    ///
    /// # Errors
    /// `InvalidCursor` if the cursor belongs to another list.
    pub(super) async fn open(ctx: &Context, list: &str, page: &PageRequest) -> Result<Self> {
        let aad = format!("cursor {list}");
        let after = open_cursor(&ctx.cursor_cipher().await, &aad, page)?.map(|(_, id)| id);
        Ok(Self { aad, after, limit: page.limit.min(MAX_PAGE_SIZE) })
    }

    /// Returns the last id of the page before.
    pub(super) fn last_id(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Seals the cursor of the page after `last`; `None` if there is no further page.
    ///
    /// # Errors
    /// `Internal` if the cipher fails.
    pub(super) async fn next_cursor(
        &self,
        ctx: &Context,
        last: Option<&str>,
    ) -> Result<Option<String>> {
        let Some(last) = last else { return Ok(None) };
        Ok(Some(seal_cursor(&ctx.cursor_cipher().await, &self.aad, ("", last))?))
    }
}
