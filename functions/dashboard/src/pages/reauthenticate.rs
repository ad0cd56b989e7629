//! Asks for a proof of identity ("sudo mode") in place of a page, and goes on with what was typed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use shared::context::Context;
use shared::credentials::authenticate;

use super::{PageContext, PageError, Visitor, html};
use crate::forms::{Fields, Form};

/// The form that waits for a proof of identity.
pub(crate) struct ReauthPrompt<'a> {
    pub(crate) action: &'a str,
    /// The texts that the person has typed into the form.
    pub(crate) fields: &'a Fields,
    /// The error of the last proof.
    pub(crate) error: Option<String>,
}

#[derive(Template)]
#[template(path = "reauthenticate.html")]
struct ReauthPage<'a> {
    page: &'a PageContext,
    form: Form<'a>,
    typed: Vec<(&'a str, &'a str)>,
    back: String,
    email: String,
    needs_code: bool,
    needs_password: bool,
    has_google: bool,
    has_passkey: bool,
    error: Option<String>,
}

/// Returns the page that asks for the password or a code, in one round trip.
///
/// # Errors
/// `InvalidSession` if the session has ended.
pub(crate) async fn reauth_prompt(
    ctx: &Context,
    visitor: &Visitor,
    page: &PageContext,
    prompt: ReauthPrompt<'_>,
) -> Result<Response, PageError> {
    let signed_in = authenticate(ctx, &visitor.caller, &[]).await?.0.into_session()?;
    let user = &signed_in.user;
    let (needs_code, has_password) = (user.second_factor.is_some(), user.password_hash.is_some());
    let mut response = html(&ReauthPage {
        page,
        form: page.form(prompt.action),
        typed: prompt.fields.typed(),
        back: prompt.fields.optional("page").unwrap_or("/account").to_owned(),
        email: user.email.to_string(),
        needs_code,
        needs_password: has_password && !needs_code,
        has_google: user.google.is_some(),
        has_passkey: !user.passkeys.is_empty(),
        error: prompt.error,
    })?;
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    Ok(response)
}
