//! The ledger as a list.

use super::ledger::{Entry, TransactionView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// A page of the organization's ledger, the newest first: the caller is looked at beside it, and first.
/// [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
pub async fn transactions(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<TransactionView>> {
    let slice = ListQuery::new(keys::ledger(organization_id), keys::LEDGER_ENTRIES).newest_first();
    let authorized = authorize(ctx, caller, organization_id, Right::SeeCredits, &[]);
    let (authorized, found) = tokio::join!(authorized, query::<Entry, _>(ctx, &slice, page));
    authorized?;
    let mut found = found?;
    let views = found.data.iter().map(TransactionView::from).collect();
    found.data.clear();
    Ok(found.with(views))
}
