//! `/account/api-keys`: the API keys of all organizations that the person manages.

use askama::Template;
use axum::extract::State;
use shared::api_keys::ListedKey;
use shared::api_keys::list_all::list_all;
use shared::context::Context;
use shared::dynamo::{DEFAULT_PAGE_SIZE, Page};

use crate::pages::{
    AccountPage, Frame, Loaded, NavigationItem, PageQuery, PageResult, Pager, SearchField, Visitor,
    html,
};

const PATH: &str = AccountPage::ApiKeys.path();

#[derive(Template)]
#[template(path = "account/api_keys.html")]
struct AllKeysPage<'a> {
    frame: &'a Frame,
    keys: Loaded<Page<ListedKey>>,
    search: SearchField,
    pager: Pager,
    origin: &'a str,
}

/// Shows the keys.
pub(crate) async fn all_keys_page(
    State(ctx): State<Context>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let request = query.searchable_list(DEFAULT_PAGE_SIZE);
    let (frame, keys) = tokio::join!(
        Frame::load(&ctx, &visitor, NavigationItem::Account(AccountPage::ApiKeys)),
        list_all(&ctx, &visitor.caller, &request.page)
    );
    let (frame, mut keys) = (frame?, Loaded::new("The list of API keys", keys)?);
    let search = request.search(keys.ready_mut(), |entry| {
        vec![entry.client_name.as_str(), entry.key.name.as_str(), entry.key.masked.as_str()]
    });
    let next_cursor = keys.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(PATH, &[], &request, next_cursor);
    html(&AllKeysPage { frame: &frame, keys, search, pager, origin: ctx.config.origin() })
}

impl AllKeysPage<'_> {
    /// Returns whether the key has expired.
    fn is_expired(&self, entry: &ListedKey) -> bool {
        entry.key.expires_at.is_some_and(|at| at <= self.frame.page.now)
    }

    /// Returns the page on which the first key is created.
    fn first_key_path(&self) -> String {
        self.frame.organization().map_or_else(
            || AccountPage::Organizations.path().to_owned(),
            |entry| format!("/account/organizations/{}/api-keys#create", entry.id),
        )
    }

    /// Returns the command that shows a key's rights.
    fn command(&self) -> String {
        crate::organizations::api_keys::page::token_command(self.origin)
    }
}
