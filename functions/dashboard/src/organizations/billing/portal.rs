//! `POST /account/organizations/{client_id}/billing/portal`: leads to Stripe's customer portal.

use axum::Extension;
use axum::extract::State;
use shared::billing::hosted_pages::portal::create_portal_session;
use shared::context::Context;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

use super::hosted_page::{finish, request, return_url};
use super::overview::BillingContext;
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult};

/// Leads to the customer portal, which links back to the billing page.
pub(crate) async fn open_portal(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let key = submission.idempotency_key();
    let url = async {
        let back = return_url(&ctx, &organization, None)?;
        let request = request(&organization, &submission, &key);
        Ok(create_portal_session(&ctx, &stripe, request, &back).await?.response.url)
    };
    let url = url.await;
    finish(
        BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization },
        submission,
        url,
    )
    .await
}
