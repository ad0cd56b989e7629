//! Lists the ledger entries of an organization.

use super::ledger::{EntryKind, LedgerEntry, TransactionView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

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
    list_transactions_of_kind(ctx, caller, organization_id, None, page).await
}

/// Lists a page of ledger entries of one kind or of all kinds, newest first. A page of one kind may be shorter than its
/// limit and still have a cursor; it takes a second round trip.
///
/// # Errors
/// The errors of [`list_transactions`].
pub async fn list_transactions_of_kind(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    kind: Option<EntryKind>,
    page: &PageRequest,
) -> Result<Page<TransactionView>> {
    let list = ListQuery::new(keys::ledger_partition(organization_id), keys::LEDGER_ENTRIES)
        .newest_first();
    let authorized = authorize(ctx, caller, organization_id, Right::ViewCredits, &[]);
    let mut found = match kind {
        None => {
            let (authorized, found) =
                tokio::join!(authorized, query::<LedgerEntry, _>(ctx, &list, page));
            authorized?;
            found?
        }
        Some(kind) => {
            // Filtering by kind may read many rows, so it waits for the authorization.
            authorized.await?;
            let list = list.filter(kind.name(), Condition::equal("kind", kind)?);
            query::<LedgerEntry, _>(ctx, &list, page).await?
        }
    };
    let views = found.data.iter().map(TransactionView::from).collect();
    found.data.clear();
    Ok(found.with(views))
}
