//! The page that says why there is no other.

use askama::Template;
use axum::response::{IntoResponse, Response};
use shared::error::Error;

use super::{PageContext, PageError, html, size_text};
use crate::forms::{Fields, MAX_FORM_FILE_BYTES, error_text};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: &'a PageContext,
    title: &'static str,
    message: String,
    /// The page to open again, if that may help.
    retry_path: Option<&'a str>,
    /// Whether the account is suspended, so that only signing out is left.
    is_suspended: bool,
}

/// Returns the page that explains an error, with its status. If trying again may help, it links to `retry_path`.
pub(crate) fn error_page(
    page: &PageContext,
    retry_path: Option<&str>,
    error: &PageError,
) -> Response {
    if let PageError::Operation(error) = error {
        shared::http::log_error(error);
    }
    let (title, message) = title_and_message(error, page.is_submission);
    let retry_path = retry_path.filter(|_| error.status().is_server_error());
    let is_suspended = matches!(error, PageError::Operation(Error::AccountSuspended));
    match html(&ErrorPage { page, title, message, retry_path, is_suspended }) {
        Ok(mut response) => {
            *response.status_mut() = error.status();
            response
        }
        Err(failure) => failure.status().into_response(),
    }
}

/// Returns the title and the text of the page. Only the answer to a form says that nothing was changed: a page that
/// fails may follow a form that was accepted.
fn title_and_message(error: &PageError, is_submission: bool) -> (&'static str, String) {
    let (title, message) = match error {
        PageError::SignedOut => ("Signed out", "Sign in to see this page."),
        PageError::Expired => {
            ("This form has expired", "Go back, reload the page, and send the form again.")
        }
        PageError::OtherSite => {
            ("Sent from another site", "The form was sent from another site, so it was refused.")
        }
        PageError::Unreadable => {
            ("Unreadable form", "The form could not be read. Go back and try again.")
        }
        PageError::NoSuchPage | PageError::Operation(Error::NotFound) => {
            ("Page not found", "There is no such page, or it was deleted.")
        }
        PageError::Operation(Error::NoAccess) => (
            "No access",
            "You are not a member, or your role does not allow this. Ask the owner or an admin.",
        ),
        PageError::Operation(Error::TwoFactorRequired) => (
            "Two-factor authentication required",
            "This organization requires two-factor authentication. Turn it on under Security, then come back.",
        ),
        PageError::Operation(Error::AccountSuspended) => (
            "Account suspended",
            "Your account is suspended. Your data is kept. Write to support to find out why.",
        ),
        PageError::Operation(Error::OrganizationSuspended) => (
            "Organization suspended",
            "This organization is suspended. Its data is kept. The owner can write to support to find out why.",
        ),
        PageError::Operation(Error::TooLarge(_)) => {
            let limit = size_text(MAX_FORM_FILE_BYTES);
            let message = format!(
                "The file or form is too large. Files up to {limit} can be uploaded here; use the API for larger ones."
            );
            return ("Too large", message);
        }
        PageError::Operation(Error::Unavailable(_) | Error::Contention | Error::Overloaded) => {
            let text = if is_submission {
                "Nothing was changed. Try again in a minute."
            } else {
                "This page can't be shown at the moment. Try again in a minute."
            };
            ("Our data can't be reached", text)
        }
        PageError::Operation(Error::Internal(_)) => {
            let text = if is_submission {
                "The error is on our side and was recorded. Nothing was changed."
            } else {
                "The error is on our side and was recorded. Try again in a minute."
            };
            ("Something went wrong", text)
        }
        PageError::Operation(other) => {
            return ("This did not work", error_text(other, &Fields::default()).message);
        }
    };
    (title, message.to_owned())
}
