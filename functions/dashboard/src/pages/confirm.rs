//! The page that confirms a destructive action: it says what is lost, and has one form.

use std::borrow::Cow;

use askama::Template;
use axum::response::{IntoResponse, Response};

use super::{Frame, PageError, html};

/// What a confirmation says.
#[derive(Debug)]
pub(crate) struct Confirmation {
    /// The heading of the card, such as "The key stops working at once".
    pub(crate) heading: &'static str,
    /// One sentence that names what is destroyed.
    pub(crate) lead: String,
    /// What else happens, one sentence each.
    pub(crate) consequences: Vec<String>,
    /// The path that the form posts to.
    pub(crate) action: String,
    /// The page to which the other button leads.
    pub(crate) back: String,
    /// The label of that button: "Cancel", unless that is what the page confirms.
    pub(crate) back_label: Cow<'static, str>,
    /// The label of the button: verb and object.
    pub(crate) button: String,
}

impl Confirmation {
    /// The usual label of the button that does nothing.
    pub(crate) const CANCEL: Cow<'static, str> = Cow::Borrowed("Cancel");
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    frame: &'a Frame,
    confirmation: &'a Confirmation,
}

/// Shows a confirmation, with the status of a refused submission if it is shown again.
///
/// # Errors
/// `Internal` if the template cannot be rendered.
pub(crate) fn confirm_page(
    frame: &Frame,
    confirmation: &Confirmation,
) -> Result<Response, PageError> {
    let page = html(&ConfirmPage { frame, confirmation })?;
    let status = frame.page.form_state.status();
    Ok((status, page).into_response())
}
