//! `GET /account/device/approved` and `/account/device/denied`: what happens next.

use askama::Template;
use axum::extract::State;
use shared::context::Context;

use super::NAVIGATION_ITEM;
use crate::pages::{Frame, PageResult, Visitor, html};

/// Path of the page after a request was allowed.
pub(super) const APPROVED_PATH: &str = "/account/device/approved";

/// Path of the page after a request was denied.
pub(super) const DENIED_PATH: &str = "/account/device/denied";

#[derive(Template)]
#[template(path = "account/device/answered.html")]
struct AnsweredPage<'a> {
    frame: &'a Frame,
    is_approved: bool,
}

/// Sends the person back to the command line.
pub(crate) async fn approved_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    show(&ctx, &visitor, true).await
}

/// Says what a person can do who did not start the sign-in.
pub(crate) async fn denied_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    show(&ctx, &visitor, false).await
}

async fn show(ctx: &Context, visitor: &Visitor, is_approved: bool) -> PageResult {
    let title = if is_approved { "Command line signed in" } else { "Request denied" };
    let frame = Frame::load(ctx, visitor, NAVIGATION_ITEM).await?.with_title(title);
    html(&AnsweredPage { frame: &frame, is_approved })
}
