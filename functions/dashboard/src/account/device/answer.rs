//! `POST /account/device/approve` and `/account/device/deny`: the answer of the person.

use axum::extract::State;
use shared::context::Context;
use shared::device_sign_in::approve::approve;
use shared::device_sign_in::deny::deny;
use shared::device_sign_in::look_up::read_again;
use shared::device_sign_in::{RequestId, UserCode};
use shared::error::{Error, Result};

use super::answered::{APPROVED_PATH, DENIED_PATH};
use super::{PATH, look_up, page};
use crate::forms::{Fields, Submission, ticked_scopes};
use crate::pages::{PageResult, redirects};

/// Allows the request. The layer around all pages asks for a proof of identity first, unless there is a recent one.
pub(crate) async fn approve_request(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let approved = async {
        let id = request_id(&submission.fields)?;
        let scopes = ticked_scopes(&submission.fields)?;
        approve(&ctx, &submission.visitor.caller, &id, &scopes).await
    };
    match approved.await {
        Ok(name) => Ok(redirects::done(APPROVED_PATH, &format!("{name} is signed in"))),
        Err(error) => show_again(&ctx, submission, error).await,
    }
}

/// Denies the request.
pub(crate) async fn deny_request(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let denied = async {
        let id = request_id(&submission.fields)?;
        deny(&ctx, &submission.visitor.caller, &id).await
    };
    match denied.await {
        Ok(()) => Ok(redirects::done(DENIED_PATH, "The request was denied")),
        Err(error) => show_again(&ctx, submission, error).await,
    }
}

/// Returns the id that the page of the request has put into the form.
fn request_id(fields: &Fields) -> Result<RequestId> {
    RequestId::parse(fields.get("request_id")).ok_or(Error::DeviceCodeExpired)
}

/// Shows the request again, or the form for a code if the request does not wait any more.
async fn show_again(ctx: &Context, submission: Submission, error: Error) -> PageResult {
    let state = submission.refused(error)?;
    let waiting = async {
        let code = UserCode::parse(submission.fields.get("user_code"))?;
        let id = request_id(&submission.fields)?;
        let request = read_again(ctx, &submission.visitor.caller, &id).await?;
        Ok::<_, Error>((request, code.shown()))
    };
    match waiting.await {
        Ok((request, code)) => {
            let visitor = submission.visitor.with_form(PATH, state);
            look_up::show(ctx, visitor, &request, &code).await
        }
        Err(_) => {
            let visitor = submission.visitor.with_form(PATH, state.for_action(PATH));
            page::show(ctx, &visitor, String::new()).await
        }
    }
}
