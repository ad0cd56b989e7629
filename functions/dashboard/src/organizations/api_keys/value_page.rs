//! The page that shows the value of a key once.

use askama::Template;
use shared::api_keys::NewKey;
use shared::context::Context;
use shared::ids::OrganizationId;

use super::keys_path;
use super::page::token_command;
use crate::pages::{Frame, NavigationItem, OrganizationPage, PageResult, Visitor, html};

#[derive(Template)]
#[template(path = "organizations/api_keys/value.html")]
struct ValuePage<'a> {
    frame: &'a Frame,
    path: String,
    key: &'a NewKey,
    /// The line for the shell.
    export: String,
    command: String,
}

/// Shows the value of a new or rotated key.
pub(super) async fn value_page(
    ctx: &Context,
    organization: &OrganizationId,
    visitor: &Visitor,
    key: &NewKey,
    title: &str,
) -> PageResult {
    let item = NavigationItem::Organization(organization, OrganizationPage::ApiKeys);
    let frame = Frame::load(ctx, visitor, item).await?.with_title(title);
    let (path, command) = (keys_path(organization), token_command(ctx.config.origin()));
    let export = format!("export AIUS_API_KEY={}", key.key.reveal());
    html(&ValuePage { frame: &frame, path, key, export, command })
}
