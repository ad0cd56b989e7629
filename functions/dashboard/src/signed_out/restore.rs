//! `/account/restore`: restores an account that is scheduled for deletion.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::deletion::restore::restore_account;
use shared::context::Context;
use shared::credentials::{Caller, Credential};
use shared::error::Error;
use shared::sessions::{self, AuthenticatedSession};

use crate::forms::Submission;
use crate::pages::{PageContext, PageError, PageResult, TimeText, Visitor, html, redirects};

const PATH: &str = "/account/restore";

#[derive(Template)]
#[template(path = "signed_out/restore.html")]
struct RestorePage<'a> {
    page: &'a PageContext,
    email: String,
    due: TimeText,
}

/// Shows when the account will be erased. An account that is not scheduled for deletion leads to the dashboard.
pub(crate) async fn restore_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let signed_in = authenticate(&ctx, &visitor).await?;
    match page(&visitor.page, &signed_in) {
        Some(page) => html(&page),
        None => Ok(redirects::see_other("/account")),
    }
}

/// Cancels the deletion.
pub(crate) async fn submit(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let visitor = &submission.visitor;
    let signed_in = authenticate(&ctx, visitor).await?;
    match restore_account(&ctx, &signed_in).await {
        Ok(_) => Ok(redirects::done("/account/profile", "Account restored")),
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let context = visitor.page.clone().with_form(PATH, state);
            match page(&context, &signed_in) {
                Some(page) => Ok((status, html(&page)?).into_response()),
                None => Ok(redirects::see_other("/account")),
            }
        }
    }
}

/// Authenticates the session, also that of an account which is scheduled for deletion.
async fn authenticate(ctx: &Context, visitor: &Visitor) -> Result<AuthenticatedSession, PageError> {
    let Caller { requester, credential: Credential::Session(named), .. } = &visitor.caller else {
        return Err(Error::SessionRequired.into());
    };
    Ok(sessions::authenticate(ctx, requester, named).await?)
}

fn page<'a>(page: &'a PageContext, signed_in: &AuthenticatedSession) -> Option<RestorePage<'a>> {
    let user = &signed_in.user;
    let deletion = user.deletion.as_ref()?;
    let zone = user.timezone.clone().unwrap_or_default();
    let due = TimeText::new(deletion.due_at, page.now, &zone);
    Some(RestorePage { page, email: user.email.to_string(), due })
}
