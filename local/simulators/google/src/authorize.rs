//! `/authorize`: lets the user choose an account and redirects to the client with a code.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, HOST, LOCATION, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use local_support::Random;

use crate::accounts::{SimulatedAccount, workspace_domain};
use crate::authorization_request::{AuthorizationError, AuthorizationRequest};
use crate::grants::Grant;
use crate::pages;
use crate::parameters::RequestParameters;
use crate::simulator::GoogleSimulator;

/// `GET /authorize`: handles a request in the query string.
pub(crate) async fn get(
    State(google): State<Arc<GoogleSimulator>>,
    RawQuery(query): RawQuery,
) -> Response {
    respond(&google, &RequestParameters::from_query(&query.unwrap_or_default()))
}

/// `POST /authorize`: handles a request in a form, which OpenID Connect requires as well.
pub(crate) async fn post(
    State(google): State<Arc<GoogleSimulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match RequestParameters::from_form(&headers, &body) {
        Some(parameters) => respond(&google, &parameters),
        None => pages::show_error(400, "invalid_request", "The request is not a form"),
    }
}

/// `POST /authorize/choice`: handles the form of the account page.
///
/// The form repeats the request and adds one of these choices:
///
/// - `account`: the `sub` of an account
/// - `cancel`: any value
/// - `new_email`, `new_name`, `new_verified`: an account to add
pub(crate) async fn post_choice(
    State(google): State<Arc<GoogleSimulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_same_origin(&headers) {
        return pages::show_error(403, "access_denied", "The form was sent by another site");
    }
    let Some(form) = RequestParameters::from_form(&headers, &body) else {
        return pages::show_error(400, "invalid_request", "The choice is not a form");
    };
    let request = match AuthorizationRequest::parse(&google, &form) {
        Ok(request) => request,
        Err(error) => return refuse(&google, error),
    };
    // `get` fails only for repeated parameters, which `AuthorizationRequest::parse` refuses.
    let get = |name: &str| form.get(name).ok().flatten();
    if get("cancel").is_some() {
        return redirect_with_error(&google, "access_denied", None, request.state.as_deref());
    }
    let account = match get("account") {
        Some(sub) => google.accounts.find_by_sub(sub).ok_or("This account no longer exists."),
        None => {
            add_account(&google, get("new_email"), get("new_name"), get("new_verified").is_some())
        }
    };
    match account {
        Ok(account) => issue_code(&google, request, account),
        Err(message) => pages::show_account_page(&google, &form, Some(message)),
    }
}

fn respond(google: &GoogleSimulator, parameters: &RequestParameters) -> Response {
    let request = match AuthorizationRequest::parse(google, parameters) {
        Ok(request) => request,
        Err(error) => return refuse(google, error),
    };
    if let Some(account) =
        request.login_hint.as_deref().and_then(|hint| google.accounts.find_by_hint(hint))
    {
        return issue_code(google, request, account);
    }
    if request.is_silent {
        // The browser is signed in to all accounts, and the request does not say which one to use.
        let error = match request.login_hint {
            Some(_) => "login_required",
            None => "account_selection_required",
        };
        return redirect_with_error(google, error, None, request.state.as_deref());
    }
    pages::show_account_page(google, parameters, None)
}

/// Returns whether the form was sent from the simulator's own page.
///
/// Without this check, any web page could add accounts and sign users in.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    origin.to_str().is_ok_and(|origin| origin == format!("http://{host}"))
}

/// Returns the account with an email address, and creates it if there is none.
///
/// # Errors
/// Fails with a message for the user if the address is invalid or the account cannot be stored.
fn add_account(
    google: &GoogleSimulator,
    email: Option<&str>,
    name: Option<&str>,
    email_verified: bool,
) -> Result<SimulatedAccount, &'static str> {
    let email = email.unwrap_or_default().trim();
    if let Some(existing) = google.accounts.find_by_hint(email) {
        return Ok(existing);
    }
    let account = SimulatedAccount {
        sub: generate_sub(&*google.random),
        email: email.to_owned(),
        email_verified,
        hd: workspace_domain(email),
        name: name.map(|name| name.trim().to_owned()),
    };
    if account.find_problem().is_some() {
        return Err("Enter a valid email address.");
    }
    google.accounts.put(account.clone()).map_err(|error| {
        tracing::error!(cause = ?error, "the accounts file cannot be written");
        "The account could not be saved. See the log of the local stack."
    })?;
    Ok(account)
}

/// Generates a `sub` of 21 digits, the length of Google's.
fn generate_sub(random: &dyn Random) -> String {
    let number = u128::from_le_bytes(random.bytes()) % 10_u128.pow(20);
    format!("1{number:020}")
}

/// Creates an authorization code and redirects to the client with it.
fn issue_code(
    google: &GoogleSimulator,
    request: AuthorizationRequest,
    account: SimulatedAccount,
) -> Response {
    let AuthorizationRequest { state, nonce, code_challenge, scopes, is_silent, .. } = request;
    // Choosing an account counts as a sign-in.
    let auth_time = request.requests_auth_time.then(|| google.now());
    // Google's codes contain a slash, which clients must percent-encode.
    let code = format!("4/0{}", google.random.identifier());
    let grant = Grant { account, scopes, nonce, code_challenge, auth_time };
    google.grants.add_code(code.clone(), grant, google.now());
    let scope = scopes.to_granted();
    let prompt = if is_silent { "none" } else { "consent" };
    let parameters = [
        ("state", state.as_deref()),
        ("iss", Some(&google.issuer)),
        ("code", Some(&code)),
        ("scope", Some(&scope)),
        ("authuser", Some("0")),
        ("prompt", Some(prompt)),
    ];
    redirect_to_client(google, &parameters)
}

fn refuse(google: &GoogleSimulator, error: AuthorizationError) -> Response {
    match error {
        AuthorizationError::ShownToUser { status, error, description } => {
            pages::show_error(status, error, description)
        }
        AuthorizationError::SentToClient { error, description, state } => {
            redirect_with_error(google, error, Some(description), state.as_deref())
        }
    }
}

fn redirect_with_error(
    google: &GoogleSimulator,
    error: &str,
    description: Option<&str>,
    state: Option<&str>,
) -> Response {
    let parameters = [
        ("error", Some(error)),
        ("error_description", description),
        ("state", state),
        ("iss", Some(&google.issuer)),
    ];
    redirect_to_client(google, &parameters)
}

/// Redirects to the client's redirect URI. Parameters without a value are left out.
fn redirect_to_client(google: &GoogleSimulator, parameters: &[(&str, Option<&str>)]) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let target = format!("{}?{}", google.redirect_uri, query.finish());
    (StatusCode::FOUND, [(LOCATION, target.as_str()), (CACHE_CONTROL, "no-store")]).into_response()
}
