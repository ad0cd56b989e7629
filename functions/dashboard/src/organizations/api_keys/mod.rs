//! `/account/organizations/{client_id}/api-keys`: the API keys of an organization.

pub(crate) mod create;
pub(crate) mod page;
pub(crate) mod revoke;
pub(crate) mod rotate;
mod value_page;

use shared::api_keys::KeyView;
use shared::api_keys::list::list;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::{Error, Result};
use shared::ids::OrganizationId;

use crate::pages::{Frame, NavigationItem, OrganizationPage, PageError, Visitor};

/// Returns the path of the page.
fn keys_path(organization: &OrganizationId) -> String {
    OrganizationPage::ApiKeys.path(organization)
}

/// Loads the frame of a page about one key that is not revoked, and the key.
async fn load_key(
    ctx: &Context,
    visitor: &Visitor,
    organization: &OrganizationId,
    number: u32,
) -> Result<(Frame, KeyView), PageError> {
    let item = NavigationItem::Organization(organization, OrganizationPage::ApiKeys);
    let (frame, key) = tokio::join!(
        Frame::load(ctx, visitor, item),
        find_key(ctx, &visitor.caller, organization, number)
    );
    Ok((frame?, key?))
}

/// Finds a key that is not revoked.
async fn find_key(
    ctx: &Context,
    caller: &Caller,
    organization: &OrganizationId,
    number: u32,
) -> Result<KeyView> {
    let mut request = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    loop {
        let page = list(ctx, caller, organization, &request).await?;
        if let Some(key) = page.data.into_iter().find(|key| key.id == number) {
            return Some(key).filter(|key| key.revoked_at.is_none()).ok_or(Error::NotFound);
        }
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            return Err(Error::NotFound);
        }
    }
}
