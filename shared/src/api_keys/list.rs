//! The keys of one organization.

use super::KeyView;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::admit::admit;
use crate::organizations::rights::Right;
use crate::requester::Requester;
use crate::tokens::Token;

/// A page of its keys, in the order in which they were made; revoked ones are among them. For its owner
/// and admins: [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`]. One round trip: who
/// calls is read beside the list.
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<KeyView>> {
    let slice = ListQuery::new(keys::organization(id).pk, keys::API_KEYS);
    let admitted = admit(ctx, requester, credential, id, Right::ManageKeys, &[]);
    let (admitted, listed) = tokio::join!(admitted, query::<Token, _>(ctx, &slice, page));
    let organization = admitted?.0.organization;
    let mut page = listed?;
    let stored = std::mem::take(&mut page.data);
    let views = stored.iter().map(|key| KeyView::of(key, &organization)).collect();
    Ok(page.with(views))
}
