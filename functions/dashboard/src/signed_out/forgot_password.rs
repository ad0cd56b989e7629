//! `/account/forgot-password`: mails a link and a code for a new password.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::request_code::{RequestedCode, request_code};
use shared::context::Context;
use shared::http;
use shared::values::EmailAddress;

use crate::forms::PublicSubmission;
use crate::pages::{PageContext, PageQuery, PageResult, html, redirects};

const PATH: &str = "/account/forgot-password";

#[derive(Template)]
#[template(path = "signed_out/forgot_password.html")]
struct ForgotPasswordPage<'a> {
    page: &'a PageContext,
    email: &'a str,
}

/// Shows the form.
pub(crate) async fn forgot_password_page(page: PageContext, query: PageQuery) -> PageResult {
    html(&ForgotPasswordPage { page: &page, email: query.get("email") })
}

/// Mails a link and a code if the address has an account, and leads to the page that takes the code.
pub(crate) async fn submit(State(ctx): State<Context>, submission: PublicSubmission) -> PageResult {
    let fields = &submission.fields;
    let requested = async {
        http::require_not_blank("email", fields.get("email"))?;
        let email = EmailAddress::parse(fields.get("email"))?;
        request_code(&ctx, &submission.requester, RequestedCode::PasswordReset, &email).await
    };
    match requested.await {
        Ok(()) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("email", fields.get("email"))
                .finish();
            let message = "If this address has an account, a link and a code are on their way";
            Ok(redirects::done(&format!("/account/reset-password?{query}"), message))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let page = submission.page.clone().with_form(PATH, state);
            Ok((status, html(&ForgotPasswordPage { page: &page, email: "" })?).into_response())
        }
    }
}
