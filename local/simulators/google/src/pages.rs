//! The pages for choosing an account and for errors. They contain no scripts.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use local_support::page::render;

use crate::accounts::SimulatedAccount;
use crate::authorization_request::KNOWN_PARAMETERS;
use crate::parameters::RequestParameters;
use crate::simulator::{GoogleSimulator, MOUNT_PATH};

#[derive(Template)]
#[template(path = "choose_account.html")]
struct AccountPage {
    action: String,
    /// The parameters of the request, which the forms repeat.
    request: Vec<(String, String)>,
    accounts: Vec<SimulatedAccount>,
    client_id: String,
    /// The email address of the `login_hint` or of the last attempt.
    email: String,
    name: String,
    message: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    status: u16,
    error: &'static str,
    description: &'static str,
}

/// Shows the accounts and a form for adding one. `message` is what was wrong with the last choice.
pub(crate) fn show_account_page(
    google: &GoogleSimulator,
    parameters: &RequestParameters,
    message: Option<&'static str>,
) -> Response {
    let get = |name| parameters.get(name).ok().flatten();
    let email = get("new_email").or(get("login_hint")).unwrap_or_default();
    let page = AccountPage {
        action: format!("{MOUNT_PATH}/authorize/choice"),
        request: parameters.select(&KNOWN_PARAMETERS),
        accounts: google.accounts.list(),
        client_id: google.client.client_id.clone(),
        email: email.to_owned(),
        name: get("new_name").unwrap_or_default().to_owned(),
        message,
    };
    let status = match message {
        None => StatusCode::OK,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    // Browsers also check where the response to a form redirects, and a stack has several host names.
    render(status, &page, &format!("'self' {}", google.base_url))
}

/// Shows an error that must not be sent to the client.
pub(crate) fn show_error(status: u16, error: &'static str, description: &'static str) -> Response {
    let page = ErrorPage { status, error, description };
    render(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), &page, "'none'")
}
