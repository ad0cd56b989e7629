//! Lists the API keys of an organization.

use super::KeyView;
use super::creators::Creators;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::tokens::Token;

/// Lists an organization's API keys in the order of creation, including revoked ones. The caller is
/// read together with the list. A second round trip reads who created the keys, unless the caller created all.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not manage API keys.
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this
///   list.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<KeyView>> {
    let slice = ListQuery::new(keys::organization(id).pk, keys::API_KEYS);
    let authorized = authorize(ctx, caller, id, Right::ManageKeys, &[]);
    let (authorized, listed) = tokio::join!(authorized, query::<Token, _>(ctx, &slice, page));
    let authorized = authorized?.0;
    let mut page = listed?;
    let stored = std::mem::take(&mut page.data);
    let creators = Creators::load(ctx, authorized.principal.user(), &stored).await?;
    let now = ctx.now();
    let view = |key| KeyView::new(key, &authorized.organization, &creators, now);
    Ok(page.with_data(stored.iter().map(view).collect()))
}
