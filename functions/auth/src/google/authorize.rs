//! `GET /v1/auth/google`

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::Response;
use shared::context::Context;
use shared::error::Error;
use shared::google::{self, AuthorizationParams, Provider};
use shared::http::openapi::{SessionErrors, Throttled, Unavailable};
use shared::http::{self, ErrorBody, Session, google_cookie};
use shared::redirect::SitePath;
use shared::requester::Requester;

use super::{Parameters, found};

/// Where people are sent who didn't say.
const DEFAULT_REDIRECT: &str = "/account";

/// Sign in with Google
///
/// For browsers: sends them to Google, from where they come back to `/v1/auth/google/callback`, within
/// ten minutes. With `link=1` the Google account is connected to the account of the session that asks.
#[utoipa::path(
    get,
    path = "/v1/auth/google",
    tag = "Signing in",
    params(
        ("redirect" = Option<String>, Query, max_length = 512, example = "/account",
            description = "Where to afterwards: a path on this site, `/account` unless given"),
        ("link" = Option<String>, Query, example = "1",
            description = "`1` connects a Google account; needs a session"),
        ("login_hint" = Option<String>, Query, max_length = 255,
            description = "An address; tells Google which account to offer"),
    ),
    responses(
        (
            status = 302, description = "To Google",
            headers(
                ("location" = String, description = "Google's page"),
                ("set-cookie" = String, description = "The sign-in, as `__Host-aius_google`")
            )
        ),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: not set up in this deployment"),
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn google_authorize(
    State(ctx): State<Context>,
    Extension(provider): Extension<Arc<Provider>>,
    requester: Requester,
    mut parts: Parts,
) -> http::Result<Response> {
    let query = Parameters::of(&parts)?;
    let redirect = query.get("redirect")?.unwrap_or(DEFAULT_REDIRECT);
    let redirect = SitePath::parse("redirect", redirect, &ctx.config.base_url)?;
    let login_hint = query.get("login_hint")?.map(str::to_owned);
    let link = match query.get("link")? {
        None | Some("0") => None,
        Some("1") => {
            let Session(signed_in) = Session::from_request_parts(&mut parts, &ctx).await?;
            Some(signed_in.session.id)
        }
        Some(_) => return Err(Error::invalid_field("link", "must be 1 or absent").into()),
    };
    let params = AuthorizationParams { redirect, link, login_hint };
    let departure = google::authorize(&ctx, &provider, &requester, params).await?;
    let mut response = found(&departure.url)?;
    let cookie = HeaderValue::from_str(&google_cookie(&departure.flow)).map_err(Error::internal)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
