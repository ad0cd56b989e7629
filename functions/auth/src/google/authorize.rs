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
use shared::google::{self, AuthorizationParams, OpenIdProvider};
use shared::http::openapi::{SessionErrors, Throttled, Unavailable};
use shared::http::{self, CurrentSession, ErrorBody, google_cookie};
use shared::redirect::SitePath;
use shared::requester::Requester;

use super::{Parameters, found};

/// Path to redirect to if the request names none.
const DEFAULT_REDIRECT: &str = "/account";

/// Sign in with Google
///
/// Redirects a browser to Google, which sends it back to `/v1/auth/google/callback`. The sign-in must finish
/// within ten minutes. With `link=1`, the Google account is connected to the account of the session.
#[utoipa::path(
    get,
    path = "/v1/auth/google",
    tag = "Signing in",
    params(
        ("redirect" = Option<String>, Query, max_length = 512, example = "/account",
            description = "Path on this site to redirect to afterwards; default `/account`"),
        ("link" = Option<String>, Query, example = "1",
            description = "`1` connects the Google account to the account of the session"),
        ("login_hint" = Option<String>, Query, max_length = 255,
            description = "Address of the account that Google offers first"),
    ),
    responses(
        (
            status = 302, description = "Redirect to Google",
            headers(
                ("location" = String, description = "URL of Google's page"),
                ("set-cookie" = String, description = "State of the sign-in, as `__Host-aius_google`")
            )
        ),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: this deployment has no sign-in with Google"),
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn google_authorize(
    State(ctx): State<Context>,
    Extension(provider): Extension<Arc<OpenIdProvider>>,
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
            let CurrentSession(signed_in) =
                CurrentSession::from_request_parts(&mut parts, &ctx).await?;
            Some(signed_in.session.id)
        }
        Some(_) => return Err(Error::invalid_field("link", "must be 1 or absent").into()),
    };
    let params = AuthorizationParams { redirect, link, login_hint };
    let to_google = google::authorize(&ctx, &provider, &requester, params).await?;
    let mut response = found(&to_google.url)?;
    let cookie = HeaderValue::from_str(&google_cookie(&to_google.flow)).map_err(Error::internal)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
