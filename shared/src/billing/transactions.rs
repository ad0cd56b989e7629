//! The ledger as a list.

use super::ledger::{Entry, TransactionView};
use crate::clients::admit::admit;
use crate::clients::rights::Right;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::keys;
use crate::dynamo::page::{Page, PageRequest, Slice, query};
use crate::error::Result;
use crate::ids::ClientId;
use crate::requester::Requester;

/// A page of the organization's ledger, the newest first: the caller is looked at beside it, and first.
/// [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
pub async fn transactions(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    client: &ClientId,
    page: &PageRequest,
) -> Result<Page<TransactionView>> {
    let slice = Slice::of(keys::ledger(client), keys::LEDGER_ENTRIES).newest_first();
    let admit = admit(ctx, requester, credential, client, Right::SeeCredits, &[]);
    let (admitted, found) = tokio::join!(admit, query::<Entry>(ctx, &slice, page));
    admitted?;
    let mut found = found?;
    let views = found.data.iter().map(TransactionView::from).collect();
    found.data.clear();
    Ok(found.with(views))
}
