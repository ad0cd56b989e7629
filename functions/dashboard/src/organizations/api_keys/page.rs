//! `GET /account/organizations/{client_id}/api-keys`

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::api_keys::KeyView;
use shared::api_keys::list::list;
use shared::context::Context;
use shared::dynamo::{DEFAULT_PAGE_SIZE, Page};
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;

use super::keys_path;
use crate::pages::{
    ForPage, Frame, ListRequest, NavigationItem, OrganizationPage, PageQuery, PageResult, Pager,
    SearchField, Visitor, html,
};

#[derive(Template)]
#[template(path = "organizations/api_keys/page.html")]
struct KeysPage<'a> {
    frame: &'a Frame,
    path: String,
    /// The keys; `None` if the role does not show them.
    keys: Option<Page<KeyView>>,
    search: SearchField,
    pager: Pager,
    origin: &'a str,
}

/// Shows the keys.
pub(crate) async fn keys_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    show(&ctx, &organization, &visitor, &query.searchable_list(DEFAULT_PAGE_SIZE)).await
}

/// Shows the first page of the list, with a form to show again.
pub(super) async fn show_first(
    ctx: &Context,
    organization: &OrganizationId,
    visitor: &Visitor,
) -> PageResult {
    show(ctx, organization, visitor, &ListRequest::first(DEFAULT_PAGE_SIZE)).await
}

async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    visitor: &Visitor,
    request: &ListRequest,
) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::ApiKeys);
    let (frame, keys) = tokio::join!(
        Frame::load(ctx, visitor, item),
        list(ctx, &visitor.caller, organization, &request.page)
    );
    let frame = frame?;
    let mut keys = match keys {
        Err(Error::NoAccess) if frame.page_organization().is_some() => None,
        keys => Some(keys?),
    };
    let search = request.search(keys.as_mut(), |key| vec![key.name.as_str(), key.masked.as_str()]);
    let path = keys_path(organization);
    let next_cursor = keys.as_ref().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(&path, &[], request, next_cursor);
    let origin = ctx.config.origin();
    let page = html(&KeysPage { frame: &frame, path, keys, search, pager, origin })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

impl KeysPage<'_> {
    /// Returns whether the key has expired.
    fn is_expired(&self, key: &KeyView) -> bool {
        key.expires_at.is_some_and(|at| at <= self.frame.page.now)
    }

    /// Returns the command that shows a key's rights.
    fn command(&self) -> String {
        token_command(self.origin)
    }
}

/// Returns the command that shows what a token or key may do.
pub(crate) fn token_command(origin: &str) -> String {
    format!("curl {origin}/v1/token -H \"Authorization: Bearer $AIUS_API_KEY\"")
}
