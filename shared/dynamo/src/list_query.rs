//! Lists in one partition: one page, and the cursor to the next. `timeline.rs` has the lists that are
//! spread over several partitions.

use std::borrow::Cow;

use crate::cursor::{open_key, seal_key};
use crate::environment::Environment;
use crate::expression::Condition;
use crate::item::Record;
use crate::key::Key;
use crate::page::{Page, PageRequest};
use crate::page_builder::PageBuilder;
use crate::range::{QueryCall, Range, SortKeyCondition};

/// Items that one call examines when a filter may leave some out.
pub(crate) const FILTERED_QUERY_LIMIT: usize = 1_000;

/// Most consecutive calls for one page of one partition, when a filter leaves the page unfilled.
pub(crate) const MAX_CALLS_PER_PAGE: usize = 4;

/// A list of the items in one partition whose sort keys start with a prefix. The order is ascending
/// unless [`ListQuery::newest_first`] is called.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// Partition key whose items are listed.
    pub pk: String,
    prefix: Cow<'static, str>,
    filter: Option<Filter>,
    descending: bool,
}

/// A condition on the items of a list, with a name that its cursors are bound to.
#[derive(Clone, Debug)]
struct Filter {
    name: String,
    condition: Condition,
}

impl ListQuery {
    /// Lists all items of the partition whose sort keys start with `prefix`.
    pub fn new(pk: String, prefix: impl Into<Cow<'static, str>>) -> Self {
        Self { pk, prefix: prefix.into(), filter: None, descending: false }
    }

    /// Leaves out items that do not meet the condition. `name` distinguishes this filter from others:
    /// a cursor works only with the filter that it was made with.
    #[must_use]
    pub fn filter(self, name: impl Into<String>, condition: Condition) -> Self {
        Self { filter: Some(Filter { name: name.into(), condition }), ..self }
    }

    /// Reverses the order, for lists whose sort keys grow with time.
    #[must_use]
    pub fn newest_first(self) -> Self {
        Self { descending: true, ..self }
    }

    /// Returns the associated data that binds cursors to this list.
    fn aad(&self) -> String {
        let filter = self.filter.as_ref().map_or("", |filter| filter.name.as_str());
        let order = if self.descending { "newest first " } else { "" };
        format!("cursor {order}{} {} {filter}", self.pk, self.prefix)
    }

    fn range(&self) -> Range<'_> {
        let prefix = self.prefix.as_ref();
        let sort_keys = match prefix {
            prefix if self.descending => SortKeyCondition::PrefixDescending(prefix),
            // Every key starts with the empty text, but DynamoDB accepts no empty value for a key.
            "" => SortKeyCondition::All,
            prefix => SortKeyCondition::Prefix(prefix),
        };
        Range { pk: &self.pk, sort_keys }
    }

    /// Makes a cursor to the beginning of the list, for a list that follows another one. `before` is a
    /// key of this list that is less than any key in use.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) if the cipher fails.
    pub async fn first_cursor<C: Environment>(
        &self,
        env: &C,
        before: &Key,
    ) -> Result<String, C::Error> {
        Ok(seal_key(&env.cursor_cipher().await, &self.aad(), before)?)
    }

    /// Returns whether the request has a cursor that belongs to this list.
    pub async fn has_cursor(&self, env: &impl Environment, page: &PageRequest) -> bool {
        let opened = open_key(&env.cursor_cipher().await, &self.aad(), page);
        matches!(opened, Ok(Some(_)))
    }
}

/// Reads one page in one round trip, independent of the size of the table. With a filter it takes up to
/// four round trips, and the page may end before it is full, with a cursor.
///
/// # Errors
/// - [`Error::InvalidCursor`](crate::Error::InvalidCursor) if the cursor does not belong to this list.
/// - [`Error::Unavailable`](crate::Error::Unavailable) if DynamoDB does not answer.
pub async fn query<R: Record, C: Environment>(
    env: &C,
    list: &ListQuery,
    page: &PageRequest,
) -> Result<Page<R>, C::Error> {
    let cipher = env.cursor_cipher().await;
    let aad = list.aad();
    let mut after = open_key(&cipher, &aad, page)?;
    let mut builder = PageBuilder::new(page);
    let range = list.range();
    for calls in 1.. {
        let filter = list.filter.as_ref().map(|filter| &filter.condition);
        // Most filters let nearly all items pass, so the first call examines only as many as a page holds.
        let limit = if calls == 1 { builder.missing() } else { FILTERED_QUERY_LIMIT };
        let call = QueryCall { after: after.as_ref(), filter, ..QueryCall::new(&range, limit) };
        builder.add(env.table().query(&call).await?);
        if filter.is_none() || calls == MAX_CALLS_PER_PAGE {
            break;
        }
        match builder.take_resume_key()? {
            Some(key) => after = Some(key),
            None => break,
        }
    }
    Ok(builder.finish(&cipher, &aad)?)
}
