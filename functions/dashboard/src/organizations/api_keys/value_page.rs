//! The page that shows the value of a key once.

use askama::Template;
use shared::api_keys::NewKey;
use shared::context::Context;
use shared::ids::OrganizationId;
use shared::organizations::switcher::PageUser;

use super::keys_path;
use super::page::token_command;
use crate::pages::{Frame, NavigationItem, OrganizationPage, PageContext, PageResult, html};

#[derive(Template)]
#[template(path = "organizations/api_keys/value.html")]
struct ValuePage<'a> {
    frame: &'a Frame,
    path: String,
    key: &'a NewKey,
    /// The line for the shell.
    export: String,
    command: String,
    /// The part of the overview with more commands.
    quick_start: String,
}

/// Loads the frame of the page. It takes a user who was read before the change and cannot fail, because the value is
/// shown only once.
pub(super) async fn value_frame(
    ctx: &Context,
    organization: &OrganizationId,
    page: &PageContext,
    user: PageUser,
) -> Frame {
    let item = NavigationItem::Organization(organization, OrganizationPage::ApiKeys);
    Frame::of_user(ctx, page, user, item).await
}

/// Shows the value of a new or rotated key.
pub(super) fn value_page(
    ctx: &Context,
    organization: &OrganizationId,
    frame: &Frame,
    key: &NewKey,
) -> PageResult {
    let (path, command) = (keys_path(organization), token_command(ctx.config.origin()));
    let export = format!("export AIUS_API_KEY={}", key.key.reveal());
    let quick_start = format!("{}#quick-start", OrganizationPage::Overview.path(organization));
    html(&ValuePage { frame, path, key, export, command, quick_start })
}
