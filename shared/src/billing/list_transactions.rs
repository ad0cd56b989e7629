//! Lists the ledger entries of an organization.

use std::collections::BTreeSet;

use super::ledger::{Balance, EntryKind, LedgerEntry, TransactionView};
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

/// Lists a page of ledger entries, newest first. The page is read beside the authorization, in one round trip. If there
/// are more recent debits than the page shows, a second one makes sure that all of them have their entries.
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
    let balance = [keys::balance(organization_id)];
    let authorized = authorize(ctx, caller, organization_id, Right::ViewCredits, &balance);
    let mut found = match filter.condition()? {
        None => {
            let (authorized, found) =
                tokio::join!(authorized, query::<LedgerEntry, _>(ctx, &list, page));
            let (_, state) = authorized?;
            let found = found?;
            let balance: Option<Balance> = state.read(&balance[0])?;
            // A later page was complete when the first one was read.
            match balance.filter(|_| page.cursor.is_none()) {
                Some(balance) => complete_first_page(ctx, &balance, &list, page, found).await?,
                None => found,
            }
        }
        Some(condition) => {
            // A filter may read many rows, so it waits for the authorization.
            let (_, state) = authorized.await?;
            let balance: Option<Balance> = state.read(&balance[0])?;
            if let Some(balance) = &balance {
                balance.write_missing_entries(ctx).await?;
            }
            let list = list.filter(filter.cursor_name(), condition);
            let mut found = query::<LedgerEntry, _>(ctx, &list, page).await?;
            retain_known(&mut found, balance.as_ref());
            found
        }
    };
    let views = found.data.iter().map(TransactionView::from).collect();
    found.data.clear();
    Ok(found.with_data(views))
}

/// Returns the first page of a list without filter, with all entries up to the last one of `balance`. `found` is the
/// page as it was read beside the balance.
async fn complete_first_page(
    ctx: &Context,
    balance: &Balance,
    list: &ListQuery,
    page: &PageRequest,
    mut found: Page<LedgerEntry>,
) -> Result<Page<LedgerEntry>> {
    if !shows_debits(&found, balance) {
        let was_incomplete = balance.write_missing_entries(ctx).await?;
        // The call of a debit may also have written its entry since the page was read.
        if was_incomplete || !is_consecutive(&found) {
            found = query::<LedgerEntry, _>(ctx, list, page).await?;
        }
    }
    retain_known(&mut found, Some(balance));
    Ok(found)
}

/// Removes the entries that are newer than the balance. One before them may still be missing.
fn retain_known(page: &mut Page<LedgerEntry>, balance: Option<&Balance>) {
    let last = balance.map_or(u64::MAX, |balance| balance.entries);
    page.data.retain(|entry| entry.number <= last);
}

/// Returns whether all recent debits are on the page. The call of a debit may have stopped before it wrote the entry.
fn shows_debits(page: &Page<LedgerEntry>, balance: &Balance) -> bool {
    let numbers: BTreeSet<u64> = page.data.iter().map(|entry| entry.number).collect();
    balance.recent_debits.values().all(|number| numbers.contains(number))
}

/// Returns whether no entry is missing between two of the page, and none of the newest.
fn is_consecutive(page: &Page<LedgerEntry>) -> bool {
    page.data.windows(2).all(|pair| pair[0].number == pair[1].number + 1)
}
