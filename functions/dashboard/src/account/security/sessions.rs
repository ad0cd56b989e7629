//! `POST /account/security/sessions/…`: ends sessions.

use axum::extract::{Path, State};
use shared::context::Context;
use shared::error::Error;
use shared::ids::SessionId;
use shared::organizations::switcher::load_page_user;
use shared::sessions::{AuthenticatedSession, end_other_sessions, end_session};

use super::refuse;
use crate::forms::Submission;
use crate::pages::{PageError, PageResult, redirects};

/// The part of the page that this changes.
const CARD: &str = "/account/security#sessions";

/// Ends one session. A session that has ended already is no error.
pub(crate) async fn end(
    State(ctx): State<Context>,
    Path(id): Path<String>,
    submission: Submission,
) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let id = SessionId::parse(&id).ok_or(PageError::NoSuchPage)?;
    let AuthenticatedSession { requester, user: owner, .. } = &user.signed_in;
    match end_session(&ctx, requester, &owner.id, &id, || Error::NotFound).await {
        Ok(()) | Err(Error::NotFound) => Ok(redirects::done(CARD, "Session ended")),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}

/// Ends all sessions but the one of this browser.
pub(crate) async fn end_others(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match end_other_sessions(&ctx, &user.signed_in).await {
        Ok(_) => Ok(redirects::done(CARD, "All other sessions ended")),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}
