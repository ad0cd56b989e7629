//! `POST /token`: a code for tokens.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::response::IntoResponse;
use data_encoding::BASE64;
use serde_json::json;

use super::grants::{Grant, TOKEN_LIFETIME};
use super::parameters::{Parameters, Repeated};
use super::refusal::OauthRefusal;
use super::{Google, id_token};

type Result<T> = std::result::Result<T, OauthRefusal>;

/// The grant `authorization_code`, for the client that shows its secret in the `Authorization` header
/// (`client_secret_basic`) or in the form (`client_secret_post`).
pub(super) async fn token(
    State(google): State<Arc<Google>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse> {
    let Some(form) = Parameters::of_form(&headers, &body) else {
        return Err(invalid("The body is not application/x-www-form-urlencoded"));
    };
    if form.any_repeated() {
        return Err(invalid("A parameter was sent more than once"));
    }
    authenticate(&google, &headers, &form)?;
    match form.get("grant_type")? {
        Some("authorization_code") => {}
        Some(_) => {
            return Err(OauthRefusal::new("unsupported_grant_type", "Only authorization_code"));
        }
        None => return Err(invalid("Missing required parameter: grant_type")),
    }
    let grant = redeem(&google, &form)?;
    let access_token = format!("ya29.{}{}", google.random.identifier(), google.random.identifier());
    let id_token = id_token::issue(&google, &grant, &access_token).await?;
    let scope = grant.scopes.granted();
    google.grants.add_access_token(access_token.clone(), grant, google.now());
    let body = json!({
        "access_token": access_token,
        "expires_in": TOKEN_LIFETIME.as_secs(),
        "scope": scope,
        "token_type": "Bearer",
        "id_token": id_token,
    });
    Ok(([(CACHE_CONTROL, "no-store")], Json(body)))
}

/// Makes sure that the client is the one that there is.
fn authenticate(google: &Google, headers: &HeaderMap, form: &Parameters) -> Result<()> {
    let refused = OauthRefusal::new("invalid_client", "The client or its secret is wrong");
    let in_form = (form.get("client_id")?, form.get("client_secret")?);
    let (id, secret) = match (headers.get(AUTHORIZATION), in_form) {
        (Some(_), (_, Some(_))) => {
            return Err(invalid("The client authenticates in two ways at once"));
        }
        (Some(header), (id_in_form, None)) => {
            let (id, secret) = header
                .to_str()
                .ok()
                .and_then(basic)
                .ok_or_else(|| OauthRefusal::new("invalid_client", "Not as Basic asks for"))
                .map_err(|refusal| refusal.unauthorized("Basic"))?;
            if id_in_form.is_some_and(|in_form| in_form != id) {
                return Err(invalid("client_id is not the client that authenticates"));
            }
            (id, secret)
        }
        (None, (Some(id), Some(secret))) => (id.to_owned(), secret.to_owned()),
        (None, (None, _) | (_, None)) => return Err(refused.unauthorized("Basic")),
    };
    let is_it = id == google.client.client_id && secret == google.client.client_secret;
    if is_it { Ok(()) } else { Err(refused.unauthorized("Basic")) }
}

/// The two parts of `Basic …`, each encoded as in a form (RFC 6749 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// The grant of a code that is presented as it has to be. One that isn't is used up as well: whoever
/// has it without its verifier has stolen it.
fn redeem(google: &Google, form: &Parameters) -> Result<Grant> {
    let code = form.get("code")?.ok_or_else(|| invalid("Missing required parameter: code"))?;
    let redirect_uri = form.get("redirect_uri")?;
    let redirect_uri =
        redirect_uri.ok_or_else(|| invalid("Missing required parameter: redirect_uri"))?;
    let verifier = form.get("code_verifier")?;
    let refused = |why| Err(OauthRefusal::new("invalid_grant", why));
    let Some(grant) = google.grants.take_code(code, google.now()) else {
        return refused("The code is unknown, used or expired");
    };
    if redirect_uri != google.redirect_uri() {
        return refused("The code was sent to another redirect URI");
    }
    match (&grant.challenge, verifier) {
        (None, None) => Ok(grant),
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(grant),
        (Some(_), Some(_)) => refused("Invalid code verifier."),
        (Some(_), None) => refused("Missing code verifier."),
        // Somebody put the code of a request without a challenge into a flow that has one.
        (None, Some(_)) => refused("The code was asked for without a challenge"),
    }
}

fn invalid(description: &'static str) -> OauthRefusal {
    OauthRefusal::new("invalid_request", description)
}

impl From<Repeated> for OauthRefusal {
    fn from(_: Repeated) -> Self {
        invalid("A parameter was sent more than once")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_basic_are_decoded() {
        let header = format!("basic {}", BASE64.encode(b"a%3Ab+c:s%25"));
        assert_eq!(basic(&header), Some(("a:b c".to_owned(), "s%".to_owned())));
        for nonsense in ["Basic", "Basic !", "Bearer YTpi", "Basic YWI="] {
            assert_eq!(basic(nonsense), None, "{nonsense}");
        }
    }
}
