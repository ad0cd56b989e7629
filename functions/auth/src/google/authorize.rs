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
use shared::google::{self, AuthorizationParams, AuthorizationPurpose, OpenIdProvider};
use shared::http::openapi::{RecentProofErrors, SwitchErrors, ThrottleErrors};
use shared::http::{self, CurrentSession, ErrorBody, QueryParameters, google_cookie};
use shared::redirect::SitePath;
use shared::requester::Requester;
use shared::values::Timezone;

use super::{page_redirects, redirect_to};

/// Path to redirect to if the request names none.
const DEFAULT_REDIRECT: &str = "/account";

/// Sign in with Google
///
/// Redirects a browser to Google, which redirects it back to `/v1/auth/google/callback`. The
/// sign-in must finish within 10 minutes.
///
/// With `link=1`, the Google account is connected to the account of the session, which needs a recent
/// proof of identity. With `reauthenticate=1`, the user signs in at Google again, which renews that
/// proof.
///
/// A browser, which accepts `text/html`, is redirected to a page that says what is wrong in place of an error.
#[utoipa::path(
    get,
    path = "/v1/auth/google",
    tag = "Signing in",
    params(
        ("redirect" = Option<String>, Query, max_length = 512, example = "/account",
            description = "Path on this site to redirect to after the sign-in; `/account` by default"),
        ("link" = Option<String>, Query, example = "1",
            description = "`1` connects the Google account to the account of the session"),
        ("reauthenticate" = Option<String>, Query, example = "1",
            description = "`1` renews the proof of identity of the session; not with `link`"),
        ("login_hint" = Option<String>, Query, max_length = 255,
            description = "Email address of the Google account to offer first"),
        ("page" = Option<String>, Query, example = "1",
            description = "`1` shows failures and the second factor on pages, as in a browser, which asks for `text/html`"),
        ("timezone" = Option<String>, Query, example = "Europe/London",
            description = "Name of the user's time zone in the IANA database, for a new account"),
    ),
    responses(
        (
            status = 302, description = "A redirect to Google's sign-in page",
            headers(
                ("location" = String, description = "The URL of Google's sign-in page"),
                ("set-cookie" = String, description = "The state of the sign-in, as `__Host-aius_google`")
            )
        ),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`: the message names the parameter and its rule"),
        RecentProofErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: this deployment has no sign-in with Google"),
        ThrottleErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn google_authorize(
    State(ctx): State<Context>,
    Extension(provider): Extension<Arc<OpenIdProvider>>,
    requester: Requester,
    parts: Parts,
) -> http::Result<Response> {
    let query = QueryParameters::parse(&parts.uri)?;
    let is_from_page = flag(&query, "page").unwrap_or_default();
    let is_for_person = page_redirects::is_for_person(&parts.headers, is_from_page);
    let is_signed_in = ["link", "reauthenticate"].iter().any(|flag| !query.all(flag).is_empty());
    match begin(&ctx, &provider, &requester, &query, parts).await {
        Err(refused) if is_for_person => {
            let failure = page_redirects::failure_of(&refused);
            Ok(page_redirects::to_failure_page(failure, is_signed_in, None)?)
        }
        begun => begun,
    }
}

async fn begin(
    ctx: &Context,
    provider: &OpenIdProvider,
    requester: &Requester,
    query: &QueryParameters,
    mut parts: Parts,
) -> http::Result<Response> {
    let redirect = query.single("redirect")?.unwrap_or(DEFAULT_REDIRECT);
    let redirect = SitePath::parse("redirect", redirect, &ctx.config.base_url)?;
    let login_hint = query.single("login_hint")?.map(str::to_owned);
    let timezone = Timezone::parse_optional(query.single("timezone")?)?;
    let purpose = purpose(ctx, query, &mut parts).await?;
    let is_from_page = flag(query, "page")?;
    let params = AuthorizationParams { redirect, purpose, login_hint, timezone, is_from_page };
    let to_google = google::authorize(ctx, provider, requester, params).await?;
    let mut response = redirect_to(&to_google.url)?;
    let cookie = HeaderValue::from_str(&google_cookie(&to_google.flow)).map_err(Error::internal)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// Returns what the query asks for. Connecting needs a session with a recent proof of identity, and
/// reauthenticating a session.
async fn purpose(
    ctx: &Context,
    query: &QueryParameters,
    parts: &mut Parts,
) -> http::Result<AuthorizationPurpose> {
    let (connects, reauthenticates) = (flag(query, "link")?, flag(query, "reauthenticate")?);
    if !connects && !reauthenticates {
        return Ok(AuthorizationPurpose::SignIn);
    }
    if connects && reauthenticates {
        return Err(Error::invalid_field("reauthenticate", "must be absent with link").into());
    }
    let CurrentSession(signed_in) = CurrentSession::from_request_parts(parts, ctx).await?;
    if reauthenticates {
        return Ok(AuthorizationPurpose::Reauthenticate(signed_in.session.id));
    }
    signed_in.require_recent_proof(ctx.now())?;
    Ok(AuthorizationPurpose::Connect(signed_in.session.id))
}

/// Returns whether a parameter is `1`.
fn flag(query: &QueryParameters, name: &'static str) -> http::Result<bool> {
    match query.single(name)? {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Error::invalid_field(name, "must be 1 or absent").into()),
    }
}
