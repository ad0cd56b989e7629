//! A form as templates see it.

use super::form_state::FormState;
use super::form_token::FormTokens;

/// A form of a page: its tokens, and what a person typed if it is shown again.
pub(crate) struct Form<'p> {
    /// The path that the form posts to.
    pub(crate) action: String,
    /// The CSRF token.
    pub(crate) csrf: String,
    /// The key under which a repeated submission is recognized.
    pub(crate) idempotency_key: &'p str,
    /// The path of the page, to which a person returns after signing in again.
    pub(crate) page: &'p str,
    state: Option<&'p FormState>,
}

impl<'p> Form<'p> {
    /// Creates the form of an action.
    pub(crate) fn new(
        action: &str,
        page: &'p str,
        tokens: &'p FormTokens,
        state: &'p FormState,
    ) -> Self {
        Self {
            action: action.to_owned(),
            csrf: tokens.token(action),
            idempotency_key: tokens.idempotency_key(),
            page,
            state: (state.action == action).then_some(state),
        }
    }

    /// Returns whether the form is shown again after a submission.
    pub(crate) fn is_submitted(&self) -> bool {
        self.state.is_some()
    }

    /// Returns what was typed into a field, or its value before.
    pub(crate) fn value<'v>(&'v self, name: &str, before: &'v str) -> &'v str {
        match self.state {
            Some(state) if state.fields.has(name) => state.fields.get(name),
            Some(_) | None => before,
        }
    }

    /// Returns whether an option of a choice was submitted, or is the value before.
    pub(crate) fn is_value(&self, name: &str, before: &str, option: &str) -> bool {
        self.value(name, before) == option
    }

    /// Returns whether a box or option was ticked, or whether it was before.
    pub(crate) fn is_ticked(&self, name: &str, value: &str, before: &bool) -> bool {
        self.state.map_or(*before, |state| state.fields.all(name).contains(&value))
    }

    /// Returns the error of a field.
    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        let error = self.state?.error.as_ref()?;
        (error.field.as_deref() == Some(name)).then_some(error.message.as_str())
    }

    /// Returns the error of the form, which may be that of a field.
    pub(crate) fn message(&self) -> Option<&str> {
        Some(self.state?.error.as_ref()?.message.as_str())
    }

    /// Returns the card of the plans, if a larger plan helps.
    pub(crate) fn plans_path(&self) -> Option<String> {
        let error = self.state?.error.as_ref()?;
        let organization =
            self.action.strip_prefix("/account/organizations/")?.split('/').next()?;
        error.is_of_plan.then(|| format!("/account/organizations/{organization}/billing#plan"))
    }

    /// Returns the id of the control with the error, for a link to it.
    pub(crate) fn error_target(&self) -> Option<String> {
        let field = self.state?.error.as_ref()?.field.as_deref()?;
        Some(self.id(field))
    }

    /// Returns the id of a field's control, unique on the page.
    pub(crate) fn id(&self, name: &str) -> String {
        let form = self.action.trim_start_matches('/').replace('/', "-");
        format!("{form}-{name}")
    }
}
