//! `POST /account/organizations/{client_id}/billing/checkout`: leads to Stripe's page to subscribe to a plan.

use axum::Extension;
use axum::extract::State;
use shared::billing::hosted_pages::checkout::{CheckoutParams, create_checkout};
use shared::context::Context;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

use super::hosted_page::{finish, request, return_url};
use super::outcome::HostedPageOutcome;
use super::overview::BillingContext;
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult};

/// Leads to the checkout of the plan with the chosen price.
pub(crate) async fn begin_subscription(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let key = submission.idempotency_key();
    let url = async {
        let params = CheckoutParams {
            price: submission.fields.get("price_id").to_owned(),
            success: return_url(&ctx, &organization, Some(HostedPageOutcome::Subscribed))?,
            cancel: return_url(&ctx, &organization, Some(HostedPageOutcome::Canceled))?,
            email: None,
        };
        let request = request(&organization, &submission, &key);
        Ok(create_checkout(&ctx, &stripe, request, &params).await?.response.checkout_url)
    };
    let url = url.await;
    finish(
        BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization },
        submission,
        url,
    )
    .await
}
