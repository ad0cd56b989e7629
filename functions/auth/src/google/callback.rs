//! `GET /v1/auth/google/callback`

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use shared::accounts::connect_google::connect_google;
use shared::accounts::finish_sign_in::SignInAnswer;
use shared::accounts::google_sign_in::google_sign_in;
use shared::accounts::renew_proof::renew_proof_with_google;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::google::{
    self, AuthorizationPurpose, GoogleFailure, OpenIdProvider, PendingAuthorization,
};
use shared::http::openapi::{SwitchErrors, ThrottleErrors};
use shared::http::{
    self, CLEARED_GOOGLE_COOKIE, CurrentSession, ErrorBody, QueryParameters, challenge_cookie,
    google_flow, session_cookie,
};
use shared::ids::SessionId;
use shared::redirect::SitePath;
use shared::requester::Requester;
use shared::sessions::AuthenticatedSession;

use super::{page_redirects, redirect_to};

/// Finish sign-in with Google
///
/// Google redirects the browser here. Signs in, and redirects to the path that the sign-in started with.
///
/// The fragment of that path reports two cases. `#requires_2fa=true&challenge_token=…&email=…`
/// comes without a session: continue at `/v1/2fa/login`.
/// `#pending_deletion=true&deletion_scheduled_at=…` comes with a session, which can restore the
/// account. If the user cancelled at Google, the query is `?error=access_denied`.
///
/// A browser, which accepts `text/html`, sees no error: it is redirected to a page that says what is wrong. If
/// it returns to a page below `/account` and a second factor is required, that page asks for it, and the fragment
/// is empty.
#[utoipa::path(
    get,
    path = "/v1/auth/google/callback",
    tag = "Signing in",
    params(
        ("state" = Option<String>, Query, description = "The state of the sign-in, which Google returns unchanged"),
        ("code" = Option<String>, Query, description = "The authorization code from Google, valid once"),
        ("error" = Option<String>, Query, description = "The error from Google, in place of a code"),
    ),
    responses(
        (
            status = 302, description = "A redirect to the path that the sign-in started with",
            headers(
                ("location" = String, description = "The path, with the case in its query or fragment"),
                ("set-cookie" = String, description = "The session, as `__Host-aius_session`; \
                    clears `__Host-aius_google`")
            )
        ),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`: this browser started no sign-in with this `state` in the last 10 \
            minutes, so start again; `MISSING_CODE`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CREDENTIALS`: Google refused the sign-in, or the account there is not the connected \
            one; `REAUTH_REQUIRED`: use a code at `/v1/me/reauthenticate`; `missing session`, `invalid \
            session`: sign in"),
        (status = 403, body = ErrorBody, description = "`EMAIL_NOT_VERIFIED`: verify the address at Google first, or, if Google does not \
            host it, sign up with a password and then connect Google; `PENDING_DELETION`: restore the account first; \
            `SUSPENDED`: the account is suspended; write to support"),
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: this deployment has no sign-in with Google"),
        (status = 409, body = ErrorBody, description = "`GOOGLE_ALREADY_CONNECTED`: disconnect the other account first; \
            `EMAIL_ALREADY_EXISTS`: an account has the address, which Google does not host, so sign in to it and \
            then connect Google; or the address is reserved for an account that had it and can still restore it"),
        ThrottleErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn google_callback(
    State(ctx): State<Context>,
    Extension(provider): Extension<Arc<OpenIdProvider>>,
    requester: Requester,
    mut parts: Parts,
) -> http::Result<Response> {
    let resumed = resume(&ctx, &requester, &parts).await;
    let flow = match resumed {
        Err(refused) if page_redirects::is_for_person(&parts.headers, false) => {
            let failure = page_redirects::failure_of(&refused);
            return Ok(page_redirects::to_failure_page(failure, false, None)?);
        }
        resumed => resumed?,
    };
    let is_for_person = page_redirects::is_for_person(&parts.headers, flow.is_from_page);
    let finished = finish(&ctx, &provider, &requester, &mut parts, &flow).await;
    let is_temporary = finished.as_ref().is_err_and(is_temporary);
    let mut response = match finished {
        Err(refused) if is_for_person => {
            let is_signed_in = !matches!(flow.purpose, AuthorizationPurpose::SignIn);
            let failure = page_redirects::failure_of(&refused);
            page_redirects::to_failure_page(failure, is_signed_in, Some(&flow.redirect))?
        }
        finished => finished.unwrap_or_else(IntoResponse::into_response),
    };
    // A reload may still finish the flow after a temporary failure.
    if !is_temporary {
        let cleared = HeaderValue::from_static(CLEARED_GOOGLE_COOKIE);
        response.headers_mut().append(SET_COOKIE, cleared);
    }
    Ok(response)
}

async fn resume(
    ctx: &Context,
    requester: &Requester,
    parts: &Parts,
) -> http::Result<PendingAuthorization> {
    let query = QueryParameters::parse(&parts.uri)?;
    let (cookie, state) = (google_flow(&parts.headers), query.single("state")?);
    Ok(PendingAuthorization::resume(ctx, requester, cookie, state).await?)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other rejection is final")]
fn is_temporary(rejection: &http::Rejection) -> bool {
    let error = match rejection {
        http::Rejection::Operation(error) => error,
        _ => return false,
    };
    http::error_status(error) == StatusCode::SERVICE_UNAVAILABLE
}

async fn finish(
    ctx: &Context,
    provider: &OpenIdProvider,
    requester: &Requester,
    parts: &mut Parts,
    flow: &PendingAuthorization,
) -> http::Result<Response> {
    let redirect = &flow.redirect;
    let back = ReturnTarget {
        redirect,
        is_dashboard: page_redirects::is_dashboard(redirect)
            && page_redirects::is_for_person(&parts.headers, flow.is_from_page),
    };
    let query = QueryParameters::parse(&parts.uri)?;
    if let Some(cancelled) = cancelled(&query, &flow.purpose, &back)? {
        return Ok(cancelled);
    }
    let code = query.single("code")?.ok_or_else(|| Error::missing("code"))?;
    let session = match &flow.purpose {
        AuthorizationPurpose::SignIn => None,
        AuthorizationPurpose::Connect(id) | AuthorizationPurpose::Reauthenticate(id) => {
            Some(starting_session(ctx, parts, id).await?)
        }
    };
    let identity = google::exchange(ctx, provider, flow, code.to_owned()).await?;
    let Some(session) = session else {
        let answer = google_sign_in(ctx, requester, &identity, flow.timezone.as_ref()).await?;
        return Ok(signed_in(answer, &back)?);
    };
    if let AuthorizationPurpose::Reauthenticate(_) = flow.purpose {
        renew_proof_with_google(ctx, &session, &identity, flow.issued_at).await?;
        return Ok(redirect_to(redirect.as_str())?);
    }
    match connect_google(ctx, &session, &identity).await? {
        None => Ok(redirect_to(redirect.as_str())?),
        Some(answer) => Ok(signed_in(answer, &back)?),
    }
}

/// The path that the browser returns to.
struct ReturnTarget<'a> {
    redirect: &'a SitePath,
    /// Whether the path is a page of the dashboard, which a person looks at.
    is_dashboard: bool,
}

/// Redirects a user who cancelled at Google. Google's other errors are refusals or failures.
fn cancelled(
    query: &QueryParameters,
    purpose: &AuthorizationPurpose,
    back: &ReturnTarget<'_>,
) -> Result<Option<Response>> {
    match query.single("error")? {
        None => Ok(None),
        Some("access_denied") if back.is_dashboard => {
            let is_signed_in = !matches!(purpose, AuthorizationPurpose::SignIn);
            let next = Some(back.redirect);
            page_redirects::to_failure_page(GoogleFailure::Cancelled, is_signed_in, next).map(Some)
        }
        Some("access_denied") => {
            redirect_to(&back.redirect.with_query(&[("error", "access_denied")])).map(Some)
        }
        Some("server_error" | "temporarily_unavailable") => {
            Err(Error::Unavailable("Google sends people back with an error".into()))
        }
        Some(_) => Err(Error::GoogleRefused),
    }
}

/// Returns the session of the request, which must be the one that started the flow.
async fn starting_session(
    ctx: &Context,
    parts: &mut Parts,
    expected: &SessionId,
) -> http::Result<AuthenticatedSession> {
    let CurrentSession(signed_in) = CurrentSession::from_request_parts(parts, ctx).await?;
    if signed_in.session.id != *expected {
        return Err(Error::InvalidSession.into());
    }
    Ok(signed_in)
}

/// Redirects with the session as a cookie. If a second factor is required, the challenge is in a cookie for the
/// dashboard's page, or in the fragment for another front end.
fn signed_in(answer: SignInAnswer, back: &ReturnTarget<'_>) -> Result<Response> {
    let redirect = back.redirect;
    let signed_in = match answer {
        SignInAnswer::SignedIn(signed_in) => signed_in,
        SignInAnswer::SecondFactorRequired(required) if back.is_dashboard => {
            let mut response = page_redirects::to_two_factor_page(redirect)?;
            let cookie = challenge_cookie(&required.challenge_token);
            let cookie = HeaderValue::from_str(&cookie).map_err(Error::internal)?;
            response.headers_mut().insert(SET_COOKIE, cookie);
            return Ok(response);
        }
        SignInAnswer::SecondFactorRequired(required) => {
            return redirect_to(&redirect.with_fragment(&[
                ("requires_2fa", "true"),
                ("challenge_token", &required.challenge_token),
                ("email", required.email.as_str()),
            ]));
        }
    };
    let mut response = match signed_in.deletion_scheduled_at {
        None => redirect_to(redirect.as_str())?,
        Some(due_at) => redirect_to(&redirect.with_fragment(&[
            ("pending_deletion", "true"),
            ("deletion_scheduled_at", &due_at.to_string()),
        ]))?,
    };
    let cookie = session_cookie(&signed_in.session_token);
    let cookie = HeaderValue::from_str(&cookie).map_err(Error::internal)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
