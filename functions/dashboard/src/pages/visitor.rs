//! The signed-in person who asks for a page.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use shared::context::Context;
use shared::credentials::{Caller, Credential};
use shared::http::{self, SESSION_COOKIE};
use shared::requester::Requester;

use super::{PageContext, PageError};
use crate::forms::FormState;

/// The person who asks for a page, by the session in their cookie. It is not authenticated yet, so this takes no round
/// trip.
pub(crate) struct Visitor {
    /// The person, as the argument of operations.
    pub(crate) caller: Caller,
    pub(crate) page: PageContext,
}

impl Visitor {
    /// Returns the same person with a form to show again. The path is that of the page which has the form.
    #[must_use]
    pub(crate) fn with_form(self, path: &str, form_state: FormState) -> Self {
        Self { page: self.page.with_form(path, form_state), ..self }
    }
}

impl FromRequestParts<Context> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self, PageError> {
        let page = PageContext::from_request_parts(parts, ctx).await?;
        let requester = Requester::from_request_parts(parts, ctx).await?;
        // A page is for browsers, so a bearer token does not count.
        parts.headers.remove(AUTHORIZATION);
        let token = http::cookie(&parts.headers, SESSION_COOKIE).ok_or(PageError::SignedOut)?;
        let credential = Credential::of_session(ctx, token).await?;
        Ok(Self { caller: Caller { requester, scope: None, credential }, page })
    }
}
