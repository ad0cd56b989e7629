//! `POST /account/device`: shows who asks, from where, and for what.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::device_sign_in::look_up::look_up;
use shared::device_sign_in::{DEVICE_TOKEN_DAYS, DeviceRequest, UserCode};
use shared::tokens::Scope;

use super::{NAVIGATION_ITEM, PATH, TITLE, page};
use crate::forms::Submission;
use crate::pages::{Frame, PageResult, Visitor, html, scope_text};

#[derive(Template)]
#[template(path = "account/device/request.html")]
struct RequestPage<'a> {
    frame: &'a Frame,
    request: &'a DeviceRequest,
    /// The code, as the command line shows it.
    code: &'a str,
    token_days: i64,
}

/// Looks up the code.
pub(crate) async fn look_up_code(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let typed = submission.fields.get("user_code");
    let found = async {
        let code = UserCode::parse(typed)?;
        let request = look_up(&ctx, &submission.visitor.caller, &code).await?;
        Ok((request, code.shown()))
    };
    match found.await {
        Ok((request, code)) => show(&ctx, submission.visitor, &request, &code).await,
        Err(error) => {
            let state = submission.refused(error)?;
            let visitor = submission.visitor.with_form(PATH, state);
            page::show(&ctx, &visitor, String::new()).await
        }
    }
}

/// Shows a request, or shows it again after an answer was refused.
pub(super) async fn show(
    ctx: &Context,
    visitor: Visitor,
    request: &DeviceRequest,
    code: &str,
) -> PageResult {
    // A person who has to sign in again comes back with the code.
    let state = visitor.page.form_state.clone();
    let status = state.status();
    let visitor = visitor.with_form(&format!("{PATH}?user_code={code}"), state);
    let frame = Frame::load(ctx, &visitor, NAVIGATION_ITEM).await?.with_title(TITLE);
    let page = html(&RequestPage { frame: &frame, request, code, token_days: DEVICE_TOKEN_DAYS })?;
    Ok((status, page).into_response())
}

impl RequestPage<'_> {
    /// Returns the label of a scope: what it allows, and its name.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn label(&self, scope: &Scope) -> String {
        format!("{} ({})", scope_text(scope), scope.name())
    }
}
