//! `/account/verify-email`: the mailed code of a registration.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use shared::accounts::request_code::{RequestedCode, request_code};
use shared::accounts::verify_email::{RegistrantProof, verify_email};
use shared::clock::Timestamp;
use shared::context::Context;
use shared::error::Error;
use shared::http;
use shared::mailed_codes::{CODE_TTL, RESEND_INTERVAL};
use shared::values::EmailAddress;

use super::NextPath;
use super::signed_in::finish_verification;
use crate::forms::{PublicSubmission, wait_text};
use crate::pages::{PageContext, PageError, PageQuery, PageResult, html, redirects};

const PATH: &str = "/account/verify-email";
const RESEND: &str = "/account/verify-email/resend";

#[derive(Template)]
#[template(path = "signed_out/verify_email.html")]
struct VerifyEmailPage<'a> {
    page: &'a PageContext,
    next: &'a NextPath,
    /// The address that the code was mailed to, or an empty text.
    email: &'a str,
    /// When the last code was requested, in epoch seconds, or an empty text.
    sent: &'a str,
    code_minutes: u64,
}

/// Shows the form for the code.
pub(crate) async fn verify_email_page(
    State(ctx): State<Context>,
    page: PageContext,
    query: PageQuery,
) -> PageResult {
    let next = NextPath::parse(&ctx, query.get("next"));
    html(&VerifyEmailPage::new(&page, &next, query.get("email"), query.get("sent")))
}

/// Verifies the address and signs in.
pub(crate) async fn submit(
    State(ctx): State<Context>,
    headers: HeaderMap,
    submission: PublicSubmission,
) -> PageResult {
    let fields = &submission.fields;
    let next = NextPath::parse(&ctx, fields.get("next"));
    let verified = async {
        http::require_not_blank("email", fields.get("email"))?;
        let email = EmailAddress::parse(fields.get("email"))?;
        http::require_not_blank("code", fields.get("code"))?;
        let proof = RegistrantProof {
            registration: http::registration_token(&headers),
            session: http::optional_session(&ctx, &headers).await,
        };
        verify_email(&ctx, &submission.requester, &email, fields.get("code"), &proof).await
    };
    match verified.await {
        Ok(answer) => Ok(finish_verification(answer, &next)),
        Err(error) => refuse(&submission, &next, error),
    }
}

/// Mails a new code, unless the last one is less than a minute old.
pub(crate) async fn resend(State(ctx): State<Context>, submission: PublicSubmission) -> PageResult {
    let fields = &submission.fields;
    let next = NextPath::parse(&ctx, fields.get("next"));
    let requested = async {
        http::require_not_blank("email", fields.get("email"))?;
        let email = EmailAddress::parse(fields.get("email"))?;
        if let Some(retry_after) = waiting_seconds(fields.get("sent"), ctx.now()) {
            return Err(Error::RateLimited { retry_after });
        }
        request_code(&ctx, &submission.requester, RequestedCode::EmailVerification, &email).await
    };
    match requested.await {
        Ok(()) => {
            let now = ctx.now().seconds().to_string();
            let page = next.link(PATH, &[("email", fields.get("email")), ("sent", &now)]);
            let message = "If this address waits to be verified, a new code is on its way";
            Ok(redirects::done(&page, message))
        }
        Err(error) => refuse(&submission, &next, error),
    }
}

/// Returns how long a person waits before the next code, if they do. `sent` is the time of the last request.
fn waiting_seconds(sent: &str, now: Timestamp) -> Option<u64> {
    let sent = Timestamp::from_seconds(sent.parse().ok()?);
    // A time in the future is not one that this page has set.
    let has_passed = sent <= now;
    let seconds = now.seconds_until(sent.plus(RESEND_INTERVAL));
    (has_passed && seconds > 0).then_some(seconds)
}

fn refuse(
    submission: &PublicSubmission,
    next: &NextPath,
    error: Error,
) -> Result<Response, PageError> {
    let state = submission.refused(error)?;
    let status = state.status();
    let page = submission.page.clone().with_form(PATH, state);
    let fields = &submission.fields;
    let page = VerifyEmailPage::new(&page, next, fields.get("email"), fields.get("sent"));
    Ok((status, html(&page)?).into_response())
}

impl<'a> VerifyEmailPage<'a> {
    fn new(page: &'a PageContext, next: &'a NextPath, email: &'a str, sent: &'a str) -> Self {
        Self { page, next, email, sent, code_minutes: CODE_TTL.as_secs() / 60 }
    }

    /// Returns the action of the form that mails a new code.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn resend_action(&self) -> &'static str {
        RESEND
    }

    /// Returns the seconds until a new code can be sent, or 0.
    fn wait_seconds(&self) -> u64 {
        waiting_seconds(self.sent, self.page.now).unwrap_or_default()
    }

    /// Returns when a new code can be sent.
    fn resend_help(&self) -> String {
        match self.wait_seconds() {
            0 => format!("You can send one every {}.", wait_text(RESEND_INTERVAL.as_secs())),
            wait => format!("You can send a new code in {}.", wait_text(wait)),
        }
    }
}
