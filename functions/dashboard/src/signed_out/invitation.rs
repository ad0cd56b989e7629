//! `/account/invitations/accept`: shows an invitation, and accepts or declines it.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use shared::context::Context;
use shared::error::{Error, Result};
use shared::http;
use shared::organizations::AssignableRole;
use shared::organizations::invitations::accept::accept;
use shared::organizations::invitations::decline::decline;
use shared::organizations::invitations::preview::{InvitationPreview, preview};
use shared::organizations::invitations::{InvitationStatus, InvitationToken};
use shared::values::Timezone;

use super::NextPath;
use crate::forms::{Fields, FormState, Submission, error_text};
use crate::pages::{
    OrganizationPage, PageContext, PageError, PageQuery, PageResult, TimeText, html, redirects,
};

const PATH: &str = "/account/invitations/accept";
const DECLINE: &str = "/account/invitations/decline";

#[derive(Template)]
#[template(path = "signed_out/invitation.html")]
struct InvitationPage<'a> {
    page: &'a PageContext,
    token: &'a str,
    /// This page, for coming back after a sign-in.
    back: NextPath,
    is_signed_in: bool,
    invitation: Option<InvitationPreview>,
    expires: Option<TimeText>,
    /// Why there is nothing to accept.
    refusal: Option<String>,
}

/// Shows the invitation. It changes nothing, so that programs that open links have no effect.
pub(crate) async fn invitation_page(
    State(ctx): State<Context>,
    page: PageContext,
    query: PageQuery,
    requester: shared::requester::Requester,
    headers: HeaderMap,
) -> PageResult {
    let session = http::optional_session(&ctx, &headers).await;
    let token = query.get("token");
    let found = match parse(token) {
        Ok(parsed) => preview(&ctx, &requester, session.as_ref(), &parsed).await,
        Err(error) => Err(error),
    };
    let (invitation, refusal, status) = match found {
        Ok(found) => (Some(found), None, axum::http::StatusCode::OK),
        Err(
            error @ (Error::InvitationNotFound | Error::Missing(_) | Error::RateLimited { .. }),
        ) => {
            let refusal = error_text(&error, &Fields::default()).message;
            (None, Some(refusal), http::error_status(&error))
        }
        Err(error) => return Err(error.into()),
    };
    let refusal = refusal.or_else(|| ended_text(invitation.as_ref()?.status).map(str::to_owned));
    let back = format!("{PATH}?{}", token_query(token));
    let expires = invitation.as_ref().map(|found| found.expires_at);
    let expires = expires.map(|at| TimeText::new(at, page.now, &Timezone::default()));
    let page = InvitationPage {
        page: &page,
        token,
        back: NextPath::parse(&ctx, &back),
        is_signed_in: session.is_some(),
        invitation,
        expires,
        refusal,
    };
    Ok((status, html(&page)?).into_response())
}

/// Accepts the invitation, and leads to the organization.
pub(crate) async fn submit_accept(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let accepted = async {
        let token = parse(submission.fields.get("token"))?;
        accept(&ctx, &submission.visitor.caller, &submission.idempotency_key(), &token).await
    };
    match accepted.await {
        Ok(joined) => {
            let organization = joined.response.organization;
            let page = OrganizationPage::Overview.path(&organization.id);
            Ok(redirects::done(&page, &format!("You joined {}", organization.name)))
        }
        Err(error) => refuse(&ctx, &submission, error),
    }
}

/// Declines the invitation.
pub(crate) async fn submit_decline(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let declined = async {
        let token = parse(submission.fields.get("token"))?;
        decline(&ctx, &submission.visitor.caller, &token).await
    };
    match declined.await {
        Ok(()) => Ok(redirects::done("/account/organizations", "Invitation declined")),
        Err(error) => refuse(&ctx, &submission, error),
    }
}

fn refuse(ctx: &Context, submission: &Submission, error: Error) -> Result<Response, PageError> {
    let state: FormState = submission.refused(error)?;
    let status = state.status();
    let page = submission.visitor.page.clone().with_form(PATH, state.for_action(PATH));
    let token = submission.fields.get("token");
    let back = format!("{PATH}?{}", token_query(token));
    let page = InvitationPage {
        page: &page,
        token,
        back: NextPath::parse(ctx, &back),
        is_signed_in: true,
        invitation: None,
        expires: None,
        refusal: None,
    };
    Ok((status, html(&page)?).into_response())
}

fn parse(token: &str) -> Result<InvitationToken> {
    http::require_not_blank("token", token)?;
    InvitationToken::parse(token).ok_or(Error::InvitationNotFound)
}

fn token_query(token: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish()
}

/// Returns why an invitation can no longer be accepted; `None` if it can.
fn ended_text(status: InvitationStatus) -> Option<&'static str> {
    match status {
        InvitationStatus::Pending => None,
        InvitationStatus::Accepted => Some("This invitation was accepted already."),
        InvitationStatus::Declined => {
            Some("This invitation was declined. Ask for a new one if you want to join.")
        }
        InvitationStatus::Expired => Some("This invitation has expired. Ask for a new one."),
        InvitationStatus::Revoked => {
            Some("This invitation was revoked. Ask for a new one if you want to join.")
        }
    }
}

impl InvitationPage<'_> {
    /// Returns what the role may do.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn role_text(&self, role: &AssignableRole) -> &'static str {
        match role {
            AssignableRole::Admin => "an admin, who manages members, keys and projects",
            AssignableRole::Member => "a member, who works on projects",
            AssignableRole::Viewer => "a viewer, who reads and changes nothing",
        }
    }

    /// Returns the action of the form that declines.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn decline_action(&self) -> &'static str {
        DECLINE
    }
}
