//! Lists the ledger entries of an organization.

use super::ledger::{EntryKind, LedgerEntry, TransactionView};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// A filter of the ledger. An entry must match everything that is set.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransactionFilter {
    /// Only entries of this kind.
    pub kind: Option<EntryKind>,
    /// Only entries at or after this time.
    pub from: Option<Timestamp>,
    /// Only entries before this time.
    pub to: Option<Timestamp>,
}

impl TransactionFilter {
    /// Returns the condition that entries must meet; `None` if each entry matches.
    fn condition(&self) -> Result<Option<Condition>> {
        let kind = self.kind.map(|kind| Condition::equal("kind", kind)).transpose()?;
        let from = self.from.map(|at| Condition::greater("created_at", at.seconds() - 1));
        let to = self.to.map(|at| Condition::less("created_at", at));
        let (from, to) = (from.transpose()?, to.transpose()?);
        let conditions: Vec<_> = kind.into_iter().chain(from).chain(to).collect();
        Ok((!conditions.is_empty()).then_some(Condition::All(conditions)))
    }

    /// Returns a string that identifies the filter. A cursor is bound to it.
    fn cursor_name(&self) -> String {
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::seconds);
        let kind = self.kind.map_or("", EntryKind::name);
        format!("{kind} {:?} {:?}", seconds(self.from), seconds(self.to))
    }
}

/// Lists a page of ledger entries, newest first. The page is read beside the authorization, in one round trip.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller may not see its credits, `InvalidCursor` if
/// the cursor belongs to another list.
pub async fn list_transactions(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<TransactionView>> {
    list_filtered_transactions(ctx, caller, organization_id, &TransactionFilter::default(), page)
        .await
}

/// Lists a page of the ledger entries that match a filter, newest first. A filtered page may be shorter than its limit
/// and still have a cursor; it takes more round trips.
///
/// # Errors
/// The errors of [`list_transactions`].
pub async fn list_filtered_transactions(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    filter: &TransactionFilter,
    page: &PageRequest,
) -> Result<Page<TransactionView>> {
    let list = ListQuery::new(keys::ledger_partition(organization_id), keys::LEDGER_ENTRIES)
        .newest_first();
    let authorized = authorize(ctx, caller, organization_id, Right::ViewCredits, &[]);
    let mut found = match filter.condition()? {
        None => {
            let (authorized, found) =
                tokio::join!(authorized, query::<LedgerEntry, _>(ctx, &list, page));
            authorized?;
            found?
        }
        Some(condition) => {
            // A filter may read many rows, so it waits for the authorization.
            authorized.await?;
            let list = list.filter(filter.cursor_name(), condition);
            query::<LedgerEntry, _>(ctx, &list, page).await?
        }
    };
    let views = found.data.iter().map(TransactionView::from).collect();
    found.data.clear();
    Ok(found.with(views))
}
