//! `POST /account/profile/email…`: changes the email address.

use axum::extract::State;
use shared::accounts::email_change::cancel::cancel_email_change;
use shared::accounts::email_change::confirm::confirm_email_change;
use shared::accounts::email_change::request::request_email_change;
use shared::context::Context;
use shared::error::Error;
use shared::http;
use shared::mail::suppression::retry_address;
use shared::organizations::switcher::load_page_user;
use shared::values::EmailAddress;

use super::refuse;
use crate::account::identity_proof::identity_proof;
use crate::forms::Submission;
use crate::pages::{PageResult, redirects};
use crate::signed_out::NextPath;

/// The part of the page that this changes.
const CARD: &str = "/account/profile#email";

/// Mails a code to the new address.
pub(crate) async fn request(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let fields = &submission.fields;
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let requested = async {
        http::require_not_blank("new_email", fields.get("new_email"))?;
        let new = EmailAddress::parse(fields.get("new_email"))?;
        let proof = identity_proof(fields, "password")?;
        request_email_change(&ctx, &user.signed_in, &new, proof).await
    };
    match requested.await {
        Ok(()) => Ok(redirects::done(CARD, "If the address is free, a code is on its way there")),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}

/// Changes the address with the mailed code.
pub(crate) async fn confirm(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let fields = &submission.fields;
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let confirmed = async {
        http::require_not_blank("code", fields.get("code"))?;
        confirm_email_change(&ctx, &user.signed_in, fields.get("code")).await
    };
    match confirmed.await {
        Ok(_) => Ok(redirects::done(CARD, "Email address changed")),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}

/// Cancels the change that waits for its code.
pub(crate) async fn cancel(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match cancel_email_change(&ctx, &user.signed_in).await {
        // A change that was canceled in another tab, or whose code has expired, is over as well.
        Ok(()) | Err(Error::NotFound) => Ok(redirects::done(CARD, "Email change canceled")),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}

/// Sends mail to the address again, and leads back to the page with the notice.
pub(crate) async fn retry(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match retry_address(&ctx, &user.signed_in.user.email).await {
        Ok(()) => {
            let page = NextPath::parse(&ctx, submission.fields.get("page"));
            Ok(redirects::done(page.target(), "We send mail to your address again"))
        }
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}
