//! `/account/two-factor`: the second factor of a sign-in. Its challenge is in a cookie.

use askama::Template;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use shared::accounts::two_factor::challenge::answer_challenge;
use shared::context::Context;
use shared::error::Error;
use shared::http::{self, CLEARED_CHALLENGE_COOKIE, challenge_token};

use super::NextPath;
use super::signed_in::start_session;
use crate::forms::PublicSubmission;
use crate::pages::{PageContext, PageQuery, PageResult, html};

const PATH: &str = "/account/two-factor";

#[derive(Template)]
#[template(path = "signed_out/two_factor.html")]
struct TwoFactorPage<'a> {
    page: &'a PageContext,
    next: &'a NextPath,
    /// Whether the person uses a recovery code.
    is_recovery: bool,
    /// Whether there is no challenge that a code could answer.
    has_ended: bool,
}

/// Shows the form for a code of the authenticator, or for a recovery code.
pub(crate) async fn two_factor_page(
    State(ctx): State<Context>,
    page: PageContext,
    query: PageQuery,
    headers: HeaderMap,
) -> PageResult {
    let next = NextPath::parse(&ctx, query.get("next"));
    let is_recovery = query.optional("recovery").is_some();
    let has_ended = challenge_token(&headers).is_none();
    html(&TwoFactorPage { page: &page, next: &next, is_recovery, has_ended })
}

/// Finishes the sign-in.
pub(crate) async fn submit(
    State(ctx): State<Context>,
    headers: HeaderMap,
    submission: PublicSubmission,
) -> PageResult {
    let fields = &submission.fields;
    let next = NextPath::parse(&ctx, fields.get("next"));
    let answered = async {
        http::require_not_blank("code", fields.get("code"))?;
        let token = challenge_token(&headers).ok_or(Error::InvalidChallenge)?;
        answer_challenge(&ctx, &submission.requester, token, fields.get("code")).await
    };
    let is_recovery = fields.optional("recovery").is_some();
    match answered.await {
        Ok(signed_in) => Ok(start_session(&signed_in, &next)),
        Err(Error::InvalidChallenge) => {
            let page =
                TwoFactorPage { page: &submission.page, next: &next, is_recovery, has_ended: true };
            let mut response = (StatusCode::UNAUTHORIZED, html(&page)?).into_response();
            let cleared = HeaderValue::from_static(CLEARED_CHALLENGE_COOKIE);
            response.headers_mut().append(SET_COOKIE, cleared);
            Ok(response)
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let page = submission.page.clone().with_form(PATH, state);
            let page = TwoFactorPage { page: &page, next: &next, is_recovery, has_ended: false };
            Ok((status, html(&page)?).into_response())
        }
    }
}
