//! `/account/security/two-factor/turn-off`: turns two-factor authentication off.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::two_factor::disable::disable_two_factor;
use shared::context::Context;
use shared::error::Error;
use shared::http;
use shared::organizations::switcher::{PageUser, load_page_user};

use super::NAVIGATION_ITEM;
use crate::account::identity_proof::identity_proof;
use crate::forms::Submission;
use crate::pages::{Frame, PageContext, PageResult, Visitor, html, redirects};

const PATH: &str = "/account/security/two-factor/turn-off";

#[derive(Template)]
#[template(path = "account/turn_off_two_factor.html")]
struct TurnOffPage<'a> {
    frame: &'a Frame,
    has_password: bool,
}

/// Shows what changes. Without two-factor authentication, leads back.
pub(crate) async fn turn_off_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    if user.signed_in.user.second_factor.is_none() {
        return Ok(redirects::see_other("/account/security#two-factor"));
    }
    render(&ctx, &visitor.page, user).await
}

async fn render(ctx: &Context, page: &PageContext, user: PageUser) -> PageResult {
    let frame = Frame::of_user(ctx, page, user, NAVIGATION_ITEM).await;
    let frame = frame.with_title("Turn off two-factor authentication");
    let has_password = frame.signed_in.user.password_hash.is_some();
    html(&TurnOffPage { frame: &frame, has_password })
}

/// Turns it off and ends all other sessions.
pub(crate) async fn turn_off(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let (visitor, fields) = (&submission.visitor, &submission.fields);
    let user = load_page_user(&ctx, &visitor.caller).await?;
    let disabled = async {
        http::require_not_blank("code", fields.get("code"))?;
        let proof = identity_proof(fields, "password")?;
        disable_two_factor(&ctx, &user.signed_in, proof).await
    };
    match disabled.await {
        Ok(_) | Err(Error::TwoFactorNotEnabled) => {
            Ok(redirects::done("/account/security", "Two-factor authentication is off"))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let page = visitor.page.clone().with_form(PATH, state);
            Ok((status, render(&ctx, &page, user).await?).into_response())
        }
    }
}
