//! `POST /account/security/passkeys/decline-offer`: no page offers to add a passkey again.

use axum::extract::State;
use shared::accounts::passkeys::offer::decline_offer;
use shared::context::Context;
use shared::organizations::switcher::load_page_user;

use super::super::refuse;
use crate::forms::Submission;
use crate::pages::{PageResult, redirects};
use crate::signed_out::NextPath;

/// Declines the offer for good, and leads back to the page that made it.
pub(crate) async fn decline(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match decline_offer(&ctx, &user.signed_in).await {
        Ok(()) => {
            let message = "You will not be asked again. Passkeys are on the page Security";
            Ok(redirects::done(
                NextPath::parse(&ctx, submission.fields.get("page")).target(),
                message,
            ))
        }
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}
