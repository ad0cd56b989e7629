//! `/account/sign-in`: email address and password, or Google.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use shared::accounts::password::Password;
use shared::accounts::sign_in::sign_in;
use shared::context::Context;
use shared::error::Error;
use shared::http;
use shared::values::EmailAddress;

use super::signed_in::finish;
use super::{NextPath, google_text};
use crate::forms::PublicSubmission;
use crate::pages::{PageContext, PageQuery, PageResult, html, redirects};

const PATH: &str = "/account/sign-in";

#[derive(Template)]
#[template(path = "signed_out/sign_in.html")]
struct SignInPage<'a> {
    page: &'a PageContext,
    next: NextPath,
    email: &'a str,
    google_error: Option<&'static str>,
}

/// Shows the form, unless the browser has a session.
pub(crate) async fn sign_in_page(
    State(ctx): State<Context>,
    page: PageContext,
    query: PageQuery,
    headers: HeaderMap,
) -> PageResult {
    let next = NextPath::parse(&ctx, query.get("next"));
    let google_error = google_text(query.get("google_error"));
    // If the session has ended, the page that needs it removes the cookie and leads back here.
    if google_error.is_none() && http::optional_session(&ctx, &headers).await.is_some() {
        return Ok(redirects::see_other(next.target()));
    }
    html(&SignInPage { page: &page, next, email: query.get("email"), google_error })
}

/// Signs in.
pub(crate) async fn submit(State(ctx): State<Context>, submission: PublicSubmission) -> PageResult {
    let fields = &submission.fields;
    let next = NextPath::parse(&ctx, fields.get("next"));
    let signed_in = async {
        http::require_not_blank("email", fields.get("email"))?;
        let email = EmailAddress::parse(fields.get("email"))?;
        let password = Password::parse("password", fields.get("password").to_owned())?;
        sign_in(&ctx, &submission.requester, &email, password).await
    };
    let error = match signed_in.await {
        Ok(answer) => return Ok(finish(answer, &next)),
        Err(error) => error,
    };
    if let Error::EmailNotVerified = error {
        let verify = next.link("/account/verify-email", &[("email", fields.get("email"))]);
        return Ok(redirects::see_other(&verify));
    }
    let state = submission.refused(error)?;
    let status = state.status();
    let page = submission.page.clone().with_form(PATH, state);
    let page = SignInPage { page: &page, next, email: "", google_error: None };
    Ok((status, html(&page)?).into_response())
}
