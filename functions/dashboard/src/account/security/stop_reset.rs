//! `POST /account/security/two-factor/stop-reset`: stops a reset of two-factor authentication by support.

use axum::extract::State;
use shared::accounts::two_factor::reset::stop::stop_two_factor_reset;
use shared::context::Context;
use shared::error::Error;
use shared::organizations::switcher::load_page_user;

use super::refuse;
use crate::forms::Submission;
use crate::pages::{PageResult, redirects};

/// The part of the page that this changes.
const CARD: &str = "/account/security#two-factor";

/// Stops the reset. One that was stopped in another tab is no error.
pub(crate) async fn stop(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match stop_two_factor_reset(&ctx, &user.signed_in).await {
        Ok(()) | Err(Error::NotFound) => Ok(redirects::done(CARD, "Reset stopped")),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}
