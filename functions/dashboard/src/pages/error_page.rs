//! The page that says why there is no other.

use askama::Template;
use axum::response::{IntoResponse, Response};
use shared::error::Error;

use super::{PageContext, PageError, html, size_text};
use crate::forms::{Fields, error_text};
use crate::organizations::projects::upload::MAX_FORM_FILE_BYTES;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: &'a PageContext,
    title: &'static str,
    message: String,
    /// Whether trying again may help.
    can_retry: bool,
    /// Whether the account is suspended, so that only signing out is left.
    is_suspended: bool,
}

/// Returns the page that explains an error, with its status.
pub(crate) fn error_page(page: &PageContext, error: &PageError) -> Response {
    if let PageError::Operation(error) = error {
        shared::http::log_error(error);
    }
    let (title, message) = words(error);
    let can_retry = error.status().is_server_error();
    let is_suspended = matches!(error, PageError::Operation(Error::AccountSuspended));
    match html(&ErrorPage { page, title, message, can_retry, is_suspended }) {
        Ok(mut response) => {
            *response.status_mut() = error.status();
            response
        }
        Err(failure) => failure.status().into_response(),
    }
}

fn words(error: &PageError) -> (&'static str, String) {
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
            ("Our data can't be reached", "Nothing was changed. Try again in a minute.")
        }
        PageError::Operation(Error::Internal(_)) => (
            "Something went wrong",
            "The error is on our side and was recorded. Nothing was changed.",
        ),
        PageError::Operation(other) => {
            return ("This did not work", error_text(other, &Fields::default()).message);
        }
    };
    (title, message.to_owned())
}
