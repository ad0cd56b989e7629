//! `POST /token`: exchanges an authorization code for tokens.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::response::IntoResponse;
use data_encoding::BASE64;
use serde_json::json;

use crate::error::OauthError;
use crate::grants::{Grant, TOKEN_TTL};
use crate::id_token;
use crate::parameters::{RepeatedParameter, RequestParameters};
use crate::simulator::GoogleSimulator;

/// Handles the grant type `authorization_code`.
///
/// The client authenticates in the `Authorization` header (`client_secret_basic`) or in the form
/// (`client_secret_post`).
///
/// # Errors
/// Fails with the OAuth error of RFC 6749, section 5.2.
pub(crate) async fn post(
    State(google): State<Arc<GoogleSimulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, OauthError> {
    let Some(form) = RequestParameters::from_form(&headers, &body) else {
        return Err(invalid_request("The body is not application/x-www-form-urlencoded"));
    };
    if form.has_repeated() {
        return Err(RepeatedParameter.into());
    }
    authenticate_client(&google, &headers, &form)?;
    match form.get("grant_type")? {
        Some("authorization_code") => {}
        Some(_) => {
            let description = "Only authorization_code is supported";
            return Err(OauthError::new("unsupported_grant_type", description));
        }
        None => return Err(invalid_request("Missing required parameter: grant_type")),
    }
    let grant = redeem_code(&google, &form)?;
    let access_token = format!("ya29.{}{}", google.random.identifier(), google.random.identifier());
    let id_token = id_token::issue(&google, &grant, &access_token).await?;
    let scope = grant.scopes.to_granted();
    google.grants.add_access_token(access_token.clone(), grant, google.now());
    let body = json!({
        "access_token": access_token,
        "expires_in": TOKEN_TTL,
        "scope": scope,
        "token_type": "Bearer",
        "id_token": id_token,
    });
    Ok(([(CACHE_CONTROL, "no-store")], Json(body)))
}

/// Checks the client id and the client secret.
///
/// # Errors
/// Fails with `invalid_client` if they are missing or wrong, and with `invalid_request` if the client
/// authenticates in two ways.
fn authenticate_client(
    google: &GoogleSimulator,
    headers: &HeaderMap,
    form: &RequestParameters,
) -> Result<(), OauthError> {
    let refused = OauthError::new("invalid_client", "The client or its secret is wrong");
    let in_form = (form.get("client_id")?, form.get("client_secret")?);
    let (id, secret) = match (headers.get(AUTHORIZATION), in_form) {
        (Some(_), (_, Some(_))) => {
            return Err(invalid_request("The client authenticates in two ways"));
        }
        (Some(header), (id_in_form, None)) => {
            let (id, secret) =
                header.to_str().ok().and_then(parse_basic_credentials).ok_or_else(|| {
                    OauthError::new("invalid_client", "The Authorization header is not Basic")
                        .with_unauthorized("Basic")
                })?;
            if id_in_form.is_some_and(|in_form| in_form != id) {
                let description = "client_id differs from the client that authenticates";
                return Err(invalid_request(description));
            }
            (id, secret)
        }
        (None, (Some(id), Some(secret))) => (id.to_owned(), secret.to_owned()),
        (None, (None, _) | (_, None)) => return Err(refused.with_unauthorized("Basic")),
    };
    let is_client = id == google.client.client_id && secret == google.client.client_secret;
    if is_client { Ok(()) } else { Err(refused.with_unauthorized("Basic")) }
}

/// Parses the id and the secret of a `Basic …` header. Each is form-encoded (RFC 6749, section 2.3.1).
fn parse_basic_credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode_form_value(id), decode_form_value(secret)))
}

fn decode_form_value(text: &str) -> String {
    let with_spaces = text.replace('+', " ");
    percent_encoding::percent_decode_str(&with_spaces).decode_utf8_lossy().into_owned()
}

/// Consumes an authorization code and returns its grant.
///
/// A failed attempt consumes the code as well, because a code without its verifier may be stolen.
///
/// # Errors
/// Fails with `invalid_request` if a parameter is missing. Fails with `invalid_grant` if the code, the
/// redirect URI or the verifier is wrong.
fn redeem_code(google: &GoogleSimulator, form: &RequestParameters) -> Result<Grant, OauthError> {
    let code =
        form.get("code")?.ok_or_else(|| invalid_request("Missing required parameter: code"))?;
    let redirect_uri = form
        .get("redirect_uri")?
        .ok_or_else(|| invalid_request("Missing required parameter: redirect_uri"))?;
    let verifier = form.get("code_verifier")?;
    let refused = |description| Err(OauthError::new("invalid_grant", description));
    let Some(grant) = google.grants.take_code(code, google.now()) else {
        return refused("The code is unknown, used or expired");
    };
    if redirect_uri != google.redirect_uri {
        return refused("The code was sent to another redirect URI");
    }
    match (&grant.code_challenge, verifier) {
        (None, None) => Ok(grant),
        (Some(challenge), Some(verifier)) if challenge.has_verifier(verifier) => Ok(grant),
        (Some(_), Some(_)) => refused("Invalid code verifier."),
        (Some(_), None) => refused("Missing code verifier."),
        // An attacker may have injected the code of a request without a challenge.
        (None, Some(_)) => refused("The code was requested without a challenge"),
    }
}

fn invalid_request(description: &'static str) -> OauthError {
    OauthError::new("invalid_request", description)
}

impl From<RepeatedParameter> for OauthError {
    fn from(_: RepeatedParameter) -> Self {
        invalid_request("A parameter was sent more than once")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_decoded() {
        let header = format!("basic {}", BASE64.encode(b"a%3Ab+c:s%25"));
        assert_eq!(parse_basic_credentials(&header), Some(("a:b c".to_owned(), "s%".to_owned())));
        for malformed in ["Basic", "Basic !", "Bearer YTpi", "Basic YWI="] {
            assert_eq!(parse_basic_credentials(malformed), None, "{malformed}");
        }
    }
}
