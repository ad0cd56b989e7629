//! What the forms that lead to Stripe's pages share.

use shared::billing::hosted_pages::{HostedPageRequest, ReturnUrl};
use shared::context::Context;
use shared::error::Error;
use shared::idempotency::IdempotencyKey;
use shared::ids::OrganizationId;

use super::outcome::HostedPageOutcome;
use crate::forms::Submission;
use crate::pages::{OrganizationPage, PageResult, redirects};

/// Returns the URL of the billing page that says how a visit to Stripe ended.
///
/// # Errors
/// `InvalidField` if the deployment's own URL is not accepted.
pub(super) fn return_url(
    ctx: &Context,
    organization: &OrganizationId,
    outcome: Option<HostedPageOutcome>,
) -> Result<ReturnUrl, Error> {
    let path = OrganizationPage::Billing.path(organization);
    let query =
        outcome.map(|outcome| format!("?{}={}", HostedPageOutcome::PARAMETER, outcome.name()));
    let url = format!("{}{path}{}", ctx.config.origin(), query.unwrap_or_default());
    ReturnUrl::parse("return_url", &url, &ctx.config)
}

/// Creates the request for a page at Stripe.
pub(super) fn request<'a>(
    organization_id: &'a OrganizationId,
    submission: &'a Submission,
    idempotency_key: &'a IdempotencyKey,
) -> HostedPageRequest<'a> {
    HostedPageRequest { caller: &submission.visitor.caller, organization_id, idempotency_key }
}

/// Redirects to the page at Stripe, or shows the billing page with the reason why there is none.
pub(super) async fn finish(
    context: super::overview::BillingContext<'_>,
    submission: Submission,
    url: Result<String, Error>,
) -> PageResult {
    match url {
        Ok(url) => Ok(redirects::see_other(&url)),
        Err(error) => {
            let state = submission.refused(error)?;
            super::overview::show_again(context, submission, state).await
        }
    }
}
