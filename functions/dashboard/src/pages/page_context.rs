//! The request of a page, signed in or not.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use shared::clock::Timestamp;
use shared::error::Error;
use shared::ids::OrganizationId;

use super::PageError;
use crate::forms::{Form, FormState, FormTokens};

/// The request of a page. The layer around all pages creates it.
#[derive(Clone)]
pub(crate) struct PageContext {
    /// Path and query of the page.
    pub(crate) path: String,
    /// Whether the request submits a form.
    pub(crate) is_submission: bool,
    /// The message to show once.
    pub(crate) flash: Option<String>,
    /// The organization of the last page about one.
    pub(crate) last_organization: Option<OrganizationId>,
    /// Whether the browser has just signed in with a password, so that the page may offer to add a passkey.
    pub(crate) has_passkey_offer: bool,
    /// The form to show again.
    pub(crate) form_state: FormState,
    /// The tokens of the page's forms.
    pub(crate) tokens: FormTokens,
    pub(crate) now: Timestamp,
}

impl PageContext {
    /// Returns the form that posts to `action`.
    pub(crate) fn form(&self, action: &str) -> Form<'_> {
        Form::new(action, &self.path, &self.tokens, &self.form_state)
    }

    /// Returns the same page with a form to show again. The path is that of the page which has the form.
    #[must_use]
    pub(crate) fn with_form(self, path: &str, form_state: FormState) -> Self {
        Self { path: path.to_owned(), form_state, ..self }
    }
}

impl<S: Sync> FromRequestParts<S> for PageContext {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, PageError> {
        let page = parts.extensions.get::<Self>().cloned();
        page.ok_or_else(|| Error::internal("a page has no layer").into())
    }
}
