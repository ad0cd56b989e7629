//! The page to choose an account on, and the one that says why there is none. No scripts.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::response::{Html, IntoResponse, Response};

use super::accounts::Account;
use super::parameters::Parameters;
use super::request::KNOWN;
use super::{Google, PATH};

#[derive(Template)]
#[template(path = "google/choose.html")]
struct Choose {
    action: String,
    /// The request, which the forms carry along.
    request: Vec<(String, String)>,
    accounts: Vec<Account>,
    client_id: String,
    /// The address that was hinted at, or tried.
    email: String,
    name: String,
    message: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "google/refused.html")]
struct Refused {
    status: u16,
    error: &'static str,
    description: &'static str,
}

/// The accounts, and a form to add one; with what was wrong with the last choice.
pub(super) fn choose(
    google: &Google,
    parameters: &Parameters,
    message: Option<&'static str>,
) -> Response {
    let get = |name| parameters.get(name).ok().flatten();
    let email = get("new_email").or(get("login_hint")).unwrap_or_default();
    let page = Choose {
        action: format!("{PATH}/authorize/choice"),
        request: parameters.only(&KNOWN),
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
    // Browsers check where a form's answer leads as well, and a stack has several names.
    show(status, &page, &format!("'self' {}", google.base_url))
}

/// A refusal that can't be told to the client.
pub(super) fn refused(status: u16, error: &'static str, description: &'static str) -> Response {
    let page = Refused { status, error, description };
    show(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), &page, "'none'")
}

fn show(status: StatusCode, page: &impl Template, form_action: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
         form-action {form_action}; frame-ancestors 'none'"
    );
    let headers = [(CONTENT_SECURITY_POLICY, policy.as_str()), (CACHE_CONTROL, "no-store")];
    match page.render() {
        Ok(text) => (status, headers, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(cause = ?error, "a page can't be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
