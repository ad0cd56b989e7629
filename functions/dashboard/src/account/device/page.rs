//! `GET /account/device`: asks for the code.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::device_sign_in::UserCode;

use super::{NAVIGATION_ITEM, PATH, TITLE};
use crate::pages::{Frame, PageQuery, PageResult, Visitor, html};

#[derive(Template)]
#[template(path = "account/device/code.html")]
struct CodePage<'a> {
    frame: &'a Frame,
    action: &'static str,
    /// The code of the link, if it has one. The person still has to compare and send it.
    code: String,
}

/// Shows the form for the code.
pub(crate) async fn device_page(
    State(ctx): State<Context>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    // What is not a code is left out, so that a link cannot put another text on the page.
    let code =
        UserCode::parse(query.get("user_code")).map_or_else(|_| String::new(), |code| code.shown());
    show(&ctx, &visitor, code).await
}

/// Shows the form with a code, or again after it was refused.
pub(super) async fn show(ctx: &Context, visitor: &Visitor, code: String) -> PageResult {
    let frame = Frame::load(ctx, visitor, NAVIGATION_ITEM).await?.with_title(TITLE);
    let page = html(&CodePage { frame: &frame, action: PATH, code })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}
