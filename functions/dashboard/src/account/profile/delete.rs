//! `/account/profile/delete`: deletes the account, after saying what is lost.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::deletion::DELETION_GRACE_PERIOD;
use shared::accounts::deletion::request::request_deletion;
use shared::context::Context;
use shared::error::Error;
use shared::http::{self, CLEARED_SESSION_COOKIE};
use shared::organizations::Role;
use shared::organizations::switcher::{SwitcherEntry, load_page_user};

use crate::account::identity_proof::identity_proof;
use crate::forms::Submission;
use crate::pages::{AccountPage, Frame, NavigationItem, PageResult, Visitor, html, redirects};

const PATH: &str = "/account/profile/delete";
const NAVIGATION_ITEM: NavigationItem<'static> = NavigationItem::Account(AccountPage::Profile);

/// The word that confirms the deletion.
const CONFIRMATION: &str = "DELETE";

#[derive(Template)]
#[template(path = "account/delete.html")]
struct DeletePage<'a> {
    frame: &'a Frame,
    has_password: bool,
    needs_code: bool,
    grace_days: u64,
}

/// Shows what the deletion destroys.
pub(crate) async fn delete_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    render(Frame::load(&ctx, &visitor, NAVIGATION_ITEM).await?)
}

fn render(frame: Frame) -> PageResult {
    let frame = &frame.with_title("Delete account");
    let user = &frame.signed_in.user;
    html(&DeletePage {
        frame,
        has_password: user.password_hash.is_some(),
        needs_code: user.second_factor.is_some(),
        grace_days: DELETION_GRACE_PERIOD.as_secs() / 86_400,
    })
}

/// Schedules the deletion and signs out.
pub(crate) async fn delete(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let (visitor, fields) = (&submission.visitor, &submission.fields);
    let user = load_page_user(&ctx, &visitor.caller).await?;
    let scheduled = async {
        http::require_not_blank("confirm", fields.get("confirm"))?;
        if fields.get("confirm").trim() != CONFIRMATION {
            return Err(Error::invalid_field("confirm", "type DELETE in capital letters"));
        }
        let proof = identity_proof(fields, "password")?;
        request_deletion(&ctx, &user.signed_in, proof).await
    };
    match scheduled.await {
        Ok(due_at) => {
            let zone = user.signed_in.user.timezone.clone().unwrap_or_default();
            let due = due_at.to_display(&zone);
            let message = format!("Account deleted. Sign in until {due} to restore it");
            let cookies = vec![CLEARED_SESSION_COOKIE.to_owned()];
            Ok(redirects::done_with_cookies("/account/sign-in", &message, cookies))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let page = visitor.page.clone().with_form(PATH, state);
            let frame = Frame::of_user(&ctx, &page, user, NAVIGATION_ITEM).await;
            Ok((status, render(frame)?).into_response())
        }
    }
}

impl DeletePage<'_> {
    /// Returns the organizations that go with the account, or that must be transferred first.
    fn owned(&self) -> impl Iterator<Item = &SwitcherEntry> {
        self.frame.organizations.iter().filter(|entry| entry.role == Role::Owner)
    }
}
