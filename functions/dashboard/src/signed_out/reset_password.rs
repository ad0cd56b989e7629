//! `/account/reset-password`: sets a new password with the mailed link or code.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::RECENT_ACCESS_PERIOD;
use shared::accounts::reset_password::{ResetCredential, reset_password};
use shared::context::Context;
use shared::error::Error;
use shared::http;
use shared::values::EmailAddress;

use super::ended_text::ended_text;
use crate::forms::PublicSubmission;
use crate::pages::{PageContext, PageQuery, PageResult, html};

const PATH: &str = "/account/reset-password";

#[derive(Template)]
#[template(path = "signed_out/reset_password.html")]
struct ResetPasswordPage<'a> {
    page: &'a PageContext,
    /// The token of the mailed link. Without one, the form asks for the address and the code. Links of older mails have
    /// the token after `#`, where the script takes it from.
    token: &'a str,
    email: &'a str,
    recent_days: u64,
    /// What was ended, once the password is set.
    ended: Option<Vec<String>>,
}

impl<'a> ResetPasswordPage<'a> {
    fn new(page: &'a PageContext, token: &'a str, email: &'a str) -> Self {
        let recent_days = RECENT_ACCESS_PERIOD.as_secs() / 86_400;
        Self { page, token, email, recent_days, ended: None }
    }
}

/// Shows the form. It changes nothing, so that programs that open links have no effect.
pub(crate) async fn reset_password_page(page: PageContext, query: PageQuery) -> PageResult {
    html(&ResetPasswordPage::new(&page, query.get("token"), query.get("email")))
}

/// Sets the password, and shows what was ended.
pub(crate) async fn submit(State(ctx): State<Context>, submission: PublicSubmission) -> PageResult {
    let fields = &submission.fields;
    let token = fields.optional("token").map(str::trim);
    let reset = async {
        let email;
        let credential = match token {
            Some(token) => ResetCredential::Link(token),
            None => {
                http::require_not_blank("email", fields.get("email"))?;
                email = EmailAddress::parse(fields.get("email"))?;
                http::require_not_blank("code", fields.get("code"))?;
                ResetCredential::Code { email: &email, code: fields.get("code") }
            }
        };
        let new = fields.get("new_password").to_owned();
        reset_password(&ctx, &submission.requester, credential, new).await
    };
    let error = match reset.await {
        Ok(ended) => {
            let page = ResetPasswordPage::new(&submission.page, "", "");
            return html(&ResetPasswordPage { ended: Some(ended_text(&ended)), ..page });
        }
        Err(error) => error,
    };
    let is_dead_link = token.is_some() && matches!(error, Error::InvalidCode);
    let mut state = submission.refused(error)?;
    if is_dead_link {
        state = state.with_text("This link was used, or it has expired. Ask for a new one.");
    }
    let status = state.status();
    let page = submission.page.clone().with_form(PATH, state);
    let page = ResetPasswordPage::new(&page, token.unwrap_or_default(), "");
    Ok((status, html(&page)?).into_response())
}
