//! The middleware around every page.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use shared::accounts::IdentityProof;
use shared::accounts::password::Password;
use shared::accounts::renew_proof::renew_proof;
use shared::context::Context;
use shared::credentials::authenticate;
use shared::error::Error;
use shared::http::{self, session_cookie};
use shared::redirect::SitePath;

use super::draft::{CLEARED_DRAFT_COOKIE, draft_cookie, draft_of_page};
use super::error_text::error_text;
use super::fields::Fields;
use super::form_token::FormTokens;
use super::multipart::read_multipart;
use crate::pages::flash::{CLEARED_FLASH_COOKIE, flash_message};
use crate::pages::last_organization::{
    last_organization, organization_cookie, organization_of_path,
};
use crate::pages::passkey_offer::{CLEARED_PASSKEY_OFFER_COOKIE, has_passkey_offer};
use crate::pages::reauthenticate::{ReauthPrompt, reauth_prompt};
use crate::pages::{PageContext, PageError, PageFailure, Visitor, error_page, redirects};

/// Longest form in bytes. It is above that of the API for a text that fits there: URL-encoding makes three bytes of
/// many.
const MAX_FORM_BYTES: usize = 256 * 1024;

/// Longest form with files in bytes. Lambda takes 6 MB, and API Gateway encodes a file with a third more.
const MAX_UPLOAD_BYTES: usize = 4_500_000;

/// Prepares a page's request and finishes its response.
///
/// - Reads and checks a submitted form: the origin, the CSRF token, the size.
/// - Renews the proof of identity if the form brings one, so that the change goes on with what was typed.
/// - Turns an error into a page, a prompt for a proof of identity, or a redirect to sign in.
/// - Shows a message or a draft once.
pub(crate) async fn form_layer(
    State(ctx): State<Context>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let tokens = FormTokens::load(&ctx, &parts.headers).await;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let flash = flash_message(&parts.headers);
    let draft = draft_of_page(&parts.headers, &path);
    let (has_flash, has_draft) = (flash.is_some(), draft.is_some());
    let is_submission = parts.method == Method::POST;
    let page = PageContext {
        path,
        is_submission,
        flash,
        last_organization: last_organization(&parts.headers),
        has_passkey_offer: has_passkey_offer(&parts.headers),
        form_state: draft.unwrap_or_default(),
        tokens,
        now: ctx.now(),
    };
    let mut cookies: Vec<String> = page.tokens.new_cookie().into_iter().collect();
    let mut submitted = None;
    if is_submission {
        match read_form(&ctx, &parts, body, &page).await {
            Ok(fields) => submitted = Some(Arc::new(fields)),
            Err(error) => return explain(&ctx, &page, None, &error),
        }
    }
    if let Some(fields) = &submitted {
        parts.extensions.insert(Arc::clone(fields));
    }
    parts.extensions.insert(page.clone());
    if let Some(fields) = submitted.as_deref().filter(|fields| fields.has("reauth")) {
        match renew(&ctx, &mut parts, fields).await {
            Ok(cookie) => cookies.push(cookie),
            Err(error) => return prompt(&ctx, &mut parts, &page, fields, Some(&error)).await,
        }
    }
    let mut kept = parts.clone();
    let response = next.run(Request::from_parts(parts, Body::empty())).await;
    let failure = response.extensions().get::<PageFailure>().cloned();
    let mut response = match failure {
        None => response,
        Some(failure) => {
            finish_failure(&ctx, &mut kept, &page, submitted.as_deref(), &failure).await
        }
    };
    let is_page =
        response.headers().contains_key(CONTENT_TYPE) && !response.status().is_redirection();
    let own = organization_of_path(&page.path);
    if is_page && response.status().is_success() && own != page.last_organization {
        cookies.extend(own.as_ref().map(organization_cookie));
    }
    if is_page && has_flash {
        cookies.push(CLEARED_FLASH_COOKIE.to_owned());
    }
    // An error page shows the message, but neither the offer nor the draft.
    let has_failed = response.status().is_server_error();
    if is_page && page.has_passkey_offer && !has_failed {
        cookies.push(CLEARED_PASSKEY_OFFER_COOKIE.to_owned());
    }
    if is_page && has_draft && !has_failed {
        cookies.push(CLEARED_DRAFT_COOKIE.to_owned());
    }
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

async fn read_form(
    ctx: &Context,
    parts: &Parts,
    body: Body,
    page: &PageContext,
) -> Result<Fields, PageError> {
    http::refuse_other_sites(ctx, &parts.method, &parts.headers)?;
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    let fields = if essence.eq_ignore_ascii_case("multipart/form-data") {
        let bytes = axum::body::to_bytes(body, MAX_UPLOAD_BYTES).await;
        let bytes = bytes.map_err(|_| Error::TooLarge(MAX_UPLOAD_BYTES))?;
        let request = Request::from_parts(parts.clone(), Body::from(bytes));
        read_multipart(request).await
    } else {
        let bytes = axum::body::to_bytes(body, MAX_FORM_BYTES).await;
        let bytes = bytes.map_err(|_| Error::TooLarge(MAX_FORM_BYTES))?;
        std::str::from_utf8(&bytes).ok().and_then(Fields::parse)
    };
    let fields = fields.ok_or(PageError::Unreadable)?;
    if page.tokens.is_valid(parts.uri.path(), fields.get("csrf")) {
        Ok(fields)
    } else {
        Err(PageError::Expired)
    }
}

/// Renews the proof of identity of the session. Returns the session's new cookie.
async fn renew(ctx: &Context, parts: &mut Parts, fields: &Fields) -> Result<String, PageError> {
    let visitor = Visitor::from_request_parts(parts, ctx).await?;
    let signed_in = authenticate(ctx, &visitor.caller, &[]).await?.0.into_session()?;
    let password = fields.optional("reauth_password").map(str::to_owned);
    let password = Password::parse_optional("reauth_password", password)?;
    let proof = IdentityProof { password, code: fields.optional("reauth_code") };
    let renewed = renew_proof(ctx, &signed_in, proof).await?;
    Ok(session_cookie(&renewed.session_token))
}

/// Asks for a proof of identity, with what was typed as hidden fields.
async fn prompt(
    ctx: &Context,
    parts: &mut Parts,
    page: &PageContext,
    fields: &Fields,
    error: Option<&PageError>,
) -> Response {
    let error = match error {
        None => None,
        Some(PageError::Operation(error)) if !is_ended(error) => {
            Some(error_text(error, fields).message)
        }
        Some(other) => return finish(ctx, page, Some(fields), parts, other).await,
    };
    let action = parts.uri.path().to_owned();
    let prompt = ReauthPrompt { action: &action, fields, error };
    let visitor = match Visitor::from_request_parts(parts, ctx).await {
        Ok(visitor) => visitor,
        Err(error) => return explain(ctx, page, Some(fields), &error),
    };
    match reauth_prompt(ctx, &visitor, page, prompt).await {
        Ok(response) => response,
        Err(error) => explain(ctx, page, Some(fields), &error),
    }
}

/// Returns the page that explains an error. It leads to the requested page, or to the page of the submitted form.
fn explain(
    ctx: &Context,
    page: &PageContext,
    fields: Option<&Fields>,
    error: &PageError,
) -> Response {
    let form_page = fields
        .and_then(|fields| SitePath::parse("page", fields.get("page"), &ctx.config.base_url).ok());
    let retry_path = if page.is_submission {
        form_page.as_ref().map(SitePath::as_str)
    } else {
        Some(page.path.as_str())
    };
    error_page(page, retry_path, error)
}

async fn finish_failure(
    ctx: &Context,
    parts: &mut Parts,
    page: &PageContext,
    fields: Option<&Fields>,
    failure: &PageFailure,
) -> Response {
    match (&*failure.0, fields) {
        (PageError::Operation(Error::ReauthRequired), Some(fields)) => {
            prompt(ctx, parts, page, fields, None).await
        }
        (error, fields) => finish(ctx, page, fields, parts, error).await,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other error has a page")]
async fn finish(
    ctx: &Context,
    page: &PageContext,
    fields: Option<&Fields>,
    parts: &Parts,
    error: &PageError,
) -> Response {
    match error {
        PageError::SignedOut | PageError::Operation(Error::InvalidSession) => {
            let own = fields.map_or(page.path.as_str(), |fields| fields.get("page"));
            let draft = fields.and_then(|fields| draft_cookie(own, parts.uri.path(), fields));
            redirects::to_sign_in(own, draft)
        }
        PageError::Operation(Error::PendingDeletion) => redirects::see_other("/account/restore"),
        other => explain(ctx, page, fields, other),
    }
}

fn is_ended(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidSession
            | Error::PendingDeletion
            | Error::SessionRequired
            | Error::AccountSuspended
            | Error::OrganizationSuspended
    )
}
