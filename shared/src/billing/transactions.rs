//! The ledger as a list.

use super::ledger::{Entry, TransactionView};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::admit::admit;
use crate::organizations::rights::Right;
use crate::requester::Requester;

/// A page of the organization's ledger, the newest first: the caller is looked at beside it, and first.
/// [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
pub async fn transactions(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<TransactionView>> {
    let slice = ListQuery::new(keys::ledger(organization_id), keys::LEDGER_ENTRIES).newest_first();
    let admit = admit(ctx, requester, credential, organization_id, Right::SeeCredits, &[]);
    let (admitted, found) = tokio::join!(admit, query::<Entry, _>(ctx, &slice, page));
    admitted?;
    let mut found = found?;
    let views = found.data.iter().map(TransactionView::from).collect();
    found.data.clear();
    Ok(found.with(views))
}
