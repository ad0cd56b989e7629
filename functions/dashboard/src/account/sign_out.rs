//! `POST /account/sign-out`: ends the session of the browser.

use axum::extract::State;
use shared::context::Context;
use shared::credentials::Credential;
use shared::error::Error;
use shared::http::CLEARED_SESSION_COOKIE;
use shared::sessions::end_session;

use crate::forms::Submission;
use crate::pages::{PageResult, redirects};
use crate::signed_out::NextPath;

/// Ends the session. A session that has ended already is no error.
pub(crate) async fn sign_out(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let caller = &submission.visitor.caller;
    if let Credential::Session(named) = &caller.credential {
        let ended = || Error::InvalidSession;
        match end_session(&ctx, &caller.requester, &named.user, &named.session, ended).await {
            Ok(()) | Err(Error::InvalidSession) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let cookies = vec![CLEARED_SESSION_COOKIE.to_owned()];
    let next = NextPath::parse(&ctx, submission.fields.get("next"));
    Ok(redirects::redirect_with_cookies(&next.link("/account/sign-in", &[]), cookies))
}
