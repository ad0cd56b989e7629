//! `/account/sign-up`: registers an account.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use shared::accounts::password::Password;
use shared::accounts::register::{NewAccount, register};
use shared::context::Context;
use shared::http::{self, registration_cookie, session_cookie};
use shared::values::{EmailAddress, Name, Timezone};

use super::NextPath;
use crate::forms::PublicSubmission;
use crate::pages::{PageContext, PageQuery, PageResult, html, redirects};

const PATH: &str = "/account/sign-up";

#[derive(Template)]
#[template(path = "signed_out/sign_up.html")]
struct SignUpPage<'a> {
    page: &'a PageContext,
    next: NextPath,
    email: &'a str,
}

/// Shows the form.
pub(crate) async fn sign_up_page(
    State(ctx): State<Context>,
    page: PageContext,
    query: PageQuery,
) -> PageResult {
    let next = NextPath::parse(&ctx, query.get("next"));
    html(&SignUpPage { page: &page, next, email: query.get("email") })
}

/// Registers the account and leads to the page for the mailed code. A cookie recognizes the browser there, so that the
/// person keeps their password and is signed in.
pub(crate) async fn submit(
    State(ctx): State<Context>,
    headers: HeaderMap,
    submission: PublicSubmission,
) -> PageResult {
    let fields = &submission.fields;
    let next = NextPath::parse(&ctx, fields.get("next"));
    let registered = async {
        for required in ["name", "email", "password"] {
            http::require_not_blank(required, fields.get(required))?;
        }
        let name = Name::parse(fields.get("name"))?;
        let email = EmailAddress::parse(fields.get("email"))?;
        let password = Password::parse_new("password", fields.get("password").to_owned(), &email)?;
        password.require_different_from(&name)?;
        // The script fills this field in. A browser may know a time zone that the database does not have.
        let timezone = Timezone::parse_optional(fields.optional("timezone")).unwrap_or_default();
        let browser = http::registration_token(&headers);
        let new = NewAccount { email, name, password, timezone, browser };
        register(&ctx, &submission.requester, &submission.idempotency_key(), new).await
    };
    match registered.await {
        Ok(registered) => {
            let registration = registered.response;
            let session = registration.answer.session_token.as_deref().map(session_cookie);
            let target = match &session {
                Some(_) => next.target().to_owned(),
                None => {
                    let now = ctx.now().seconds().to_string();
                    let parameters =
                        [("email", registration.answer.user.email.as_str()), ("sent", &now)];
                    next.link("/account/verify-email", &parameters)
                }
            };
            let browser = registration.browser.as_ref().map(registration_cookie);
            let cookies = session.into_iter().chain(browser).collect();
            Ok(redirects::redirect_with_cookies(&target, cookies))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let page = submission.page.clone().with_form(PATH, state);
            Ok((status, html(&SignUpPage { page: &page, next, email: "" })?).into_response())
        }
    }
}
