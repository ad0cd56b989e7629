//! The submitted fields of a form and their error, with which the form is shown again.

use axum::http::StatusCode;
use shared::error::Error;

use super::error_text::{FieldError, error_text};
use super::fields::Fields;

/// A submitted form that is shown again. By default no form was submitted.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormState {
    /// The form's action, by which the page finds the form.
    pub(super) action: String,
    /// The typed texts, without secrets.
    pub(super) fields: Fields,
    pub(super) error: Option<FieldError>,
    status: StatusCode,
}

impl FormState {
    /// Creates the state of a form whose submission was refused.
    pub(super) fn refused(action: &str, fields: &Fields, error: &Error) -> Self {
        let status = shared::http::error_status(error);
        let error = Some(error_text(error, fields));
        Self { action: action.to_owned(), fields: fields.without_secrets(), error, status }
    }

    /// Creates the state of a form that was typed before the person signed in again.
    pub(super) fn restored(action: String, fields: Fields) -> Self {
        let message = "You were signed out. Check what you typed, and send it again.".to_owned();
        let error = Some(FieldError::of_form(message));
        Self { action, fields, error, status: StatusCode::OK }
    }
}

impl FormState {
    /// Creates the state of a form that is shown again with a message of the page's own, at a field or for the whole
    /// form.
    pub(crate) fn with_message(
        action: &str,
        fields: &Fields,
        field: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        let field = field.map(str::to_owned);
        let error = Some(FieldError { field, ..FieldError::of_form(message) });
        let status = StatusCode::CONFLICT;
        Self { action: action.to_owned(), fields: fields.without_secrets(), error, status }
    }

    /// Returns the same state with a message of the page's own for the whole form.
    #[must_use]
    pub(crate) fn with_text(self, message: impl Into<String>) -> Self {
        Self { error: Some(FieldError::of_form(message)), ..self }
    }

    /// Returns the same state for another form of the page, which shows the message in its place.
    #[must_use]
    pub(crate) fn for_action(self, action: &str) -> Self {
        Self { action: action.to_owned(), ..self }
    }

    /// Returns the status of the page that shows the form again.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}
