//! `/account/security/passkeys/add`: adds a passkey. The script runs the ceremony through the API, and then submits the
//! form, so that the next page can say that it is done.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::ids::PasskeyId;
use shared::organizations::switcher::{PageUser, load_page_user};

use super::super::{NAVIGATION_ITEM, refuse};
use super::CARD;
use crate::forms::{FormState, Submission};
use crate::pages::{Frame, PageContext, PageResult, Visitor, device_text, html, redirects};

const PATH: &str = "/account/security/passkeys/add";

/// The action of the form that the script submits.
const ADDED: &str = "/account/security/passkeys/added";

#[derive(Template)]
#[template(path = "account/passkeys/add.html")]
struct AddPage<'a> {
    frame: &'a Frame,
    /// A name for the new passkey: browser and system.
    suggested_name: String,
}

/// Leads to the page that adds a passkey, after a recent proof of identity.
pub(crate) async fn begin(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match user.signed_in.require_recent_proof(ctx.now()) {
        Ok(()) => Ok(redirects::see_other(PATH)),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}

/// Explains passkeys, and has the form.
pub(crate) async fn add_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    render(&ctx, &visitor, &visitor.page, user).await
}

async fn render(
    ctx: &Context,
    visitor: &Visitor,
    page: &PageContext,
    user: PageUser,
) -> PageResult {
    let suggested_name = device_text(&visitor.caller.requester.user_agent);
    let frame = Frame::of_user(ctx, page, user, NAVIGATION_ITEM).await.with_title("Add a passkey");
    html(&AddPage { frame: &frame, suggested_name })
}

/// Says that the passkey was added. Without the script there is none, and the page says so.
pub(crate) async fn added(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let visitor = &submission.visitor;
    let user = load_page_user(&ctx, &visitor.caller).await?;
    let id = PasskeyId::parse(submission.fields.get("passkey_id"));
    let is_added =
        |id: &PasskeyId| user.signed_in.user.passkeys.iter().any(|passkey| passkey.id == *id);
    if id.as_ref().is_some_and(is_added) {
        return Ok(redirects::done(CARD, "Passkey added"));
    }
    let message =
        "No passkey was created, because this browser does not run scripts or knows no passkeys.";
    let fields = &submission.fields;
    let state = FormState::with_message(ADDED, fields, None, message.to_owned());
    let status = state.status();
    let page = visitor.page.clone().with_form(PATH, state);
    Ok((status, render(&ctx, visitor, &page, user).await?).into_response())
}
