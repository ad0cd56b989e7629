//! `/authorize`: somebody is asked which account they are, and sent back with a code.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, HOST, LOCATION, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use shared::random::Random;

use super::accounts::Account;
use super::grants::Grant;
use super::parameters::Parameters;
use super::request::{Request, Wrong};
use super::{Google, page};

/// A request in the query.
pub(super) async fn get(State(google): State<Arc<Google>>, RawQuery(query): RawQuery) -> Response {
    answer(&google, &Parameters::of_query(&query.unwrap_or_default()))
}

/// A request in a form, which OpenID Connect asks for as well.
pub(super) async fn post(
    State(google): State<Arc<Google>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match Parameters::of_form(&headers, &body) {
        Some(parameters) => answer(&google, &parameters),
        None => page::refused(400, "invalid_request", "The request is not a form"),
    }
}

/// What somebody did on the page: the request once more, with a choice. `account` is the `sub` of one,
/// `cancel` is anything, and otherwise `new_email`, `new_name` and `new_verified` are of one to add.
pub(super) async fn choice(
    State(google): State<Arc<Google>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_from_here(&headers) {
        return page::refused(403, "access_denied", "The form was sent by another site");
    }
    let Some(form) = Parameters::of_form(&headers, &body) else {
        return page::refused(400, "invalid_request", "The choice is not a form");
    };
    let request = match Request::read(&google, &form) {
        Ok(request) => request,
        Err(wrong) => return refuse(&google, wrong),
    };
    // `Request::read` has refused repeated ones.
    let get = |name: &str| form.get(name).ok().flatten();
    if get("cancel").is_some() {
        return send_back_error(&google, "access_denied", None, request.state.as_deref());
    }
    let account = match get("account") {
        Some(sub) => google.accounts.with_sub(sub).ok_or("There is no such account any more."),
        None => add(&google, get("new_email"), get("new_name"), get("new_verified").is_some()),
    };
    match account {
        Ok(account) => agree(&google, request, account),
        Err(message) => page::choose(&google, &form, Some(message)),
    }
}

fn answer(google: &Google, parameters: &Parameters) -> Response {
    let request = match Request::read(google, parameters) {
        Ok(request) => request,
        Err(wrong) => return refuse(google, wrong),
    };
    if let Some(account) =
        request.login_hint.as_deref().and_then(|hint| google.accounts.hinted(hint))
    {
        return agree(google, request, account);
    }
    if request.silent {
        // Whoever comes is signed in to all accounts, and which one is meant was not said.
        let error = match request.login_hint {
            Some(_) => "login_required",
            None => "account_selection_required",
        };
        return send_back_error(google, error, None, request.state.as_deref());
    }
    page::choose(google, parameters, None)
}

/// Another site's page could send the form, and with it add accounts.
fn is_from_here(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    origin.to_str().is_ok_and(|origin| origin == format!("http://{host}"))
}

/// The account with that address, made if there is none.
fn add(
    google: &Google,
    email: Option<&str>,
    name: Option<&str>,
    email_verified: bool,
) -> Result<Account, &'static str> {
    let email = email.unwrap_or_default().trim();
    if let Some(known) = google.accounts.hinted(email) {
        return Ok(known);
    }
    let account = Account {
        sub: new_sub(&*google.random),
        email: email.to_owned(),
        email_verified,
        name: name.map(|name| name.trim().to_owned()),
    };
    if account.defect().is_some() {
        return Err("That is no email address.");
    }
    google.accounts.put(account.clone()).map_err(|error| {
        tracing::error!(cause = ?error, "an account can't be kept");
        "The account could not be kept."
    })?;
    Ok(account)
}

/// 21 digits, as Google's are.
fn new_sub(random: &dyn Random) -> String {
    let number = u128::from_le_bytes(random.bytes()) % 10_u128.pow(20);
    format!("1{number:020}")
}

/// Makes a code, and sends it back.
fn agree(google: &Google, request: Request, account: Account) -> Response {
    let Request { state, nonce, challenge, scopes, silent, login_hint: _ } = request;
    // Google's codes have a slash, which has to be encoded on the way.
    let code = format!("4/0{}", google.random.identifier());
    let grant = Grant { account, scopes, nonce, challenge };
    google.grants.add_code(code.clone(), grant, google.now());
    let scope = scopes.granted();
    let prompt = if silent { "none" } else { "consent" };
    let told = [
        ("state", state.as_deref()),
        ("iss", Some(&google.issuer)),
        ("code", Some(&code)),
        ("scope", Some(&scope)),
        ("authuser", Some("0")),
        ("prompt", Some(prompt)),
    ];
    send_back(google, &told)
}

fn refuse(google: &Google, wrong: Wrong) -> Response {
    match wrong {
        Wrong::Shown { status, error, description } => page::refused(status, error, description),
        Wrong::SentBack { error, description, state } => {
            send_back_error(google, error, Some(description), state.as_deref())
        }
    }
}

fn send_back_error(
    google: &Google,
    error: &str,
    description: Option<&str>,
    state: Option<&str>,
) -> Response {
    let told = [
        ("error", Some(error)),
        ("error_description", description),
        ("state", state),
        ("iss", Some(&google.issuer)),
    ];
    send_back(google, &told)
}

/// 302 to the client, with what there is to tell.
fn send_back(google: &Google, told: &[(&str, Option<&str>)]) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in told {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let target = format!("{}?{}", google.redirect_uri(), query.finish());
    (StatusCode::FOUND, [(LOCATION, target.as_str()), (CACHE_CONTROL, "no-store")]).into_response()
}
