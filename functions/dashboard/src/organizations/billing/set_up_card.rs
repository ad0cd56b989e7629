//! `POST /account/organizations/{client_id}/billing/card`: leads to Stripe's page to save a card.

use axum::Extension;
use axum::extract::State;
use shared::billing::hosted_pages::set_up_card::{CardSetupParams, set_up_card};
use shared::context::Context;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

use super::hosted_page::{finish, request, return_url};
use super::outcome::HostedPageOutcome;
use super::overview::BillingContext;
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult};

/// Leads to the page that saves a card.
pub(crate) async fn add_card(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let key = submission.idempotency_key();
    let url = async {
        let params = CardSetupParams {
            success: return_url(&ctx, &organization, Some(HostedPageOutcome::CardSaved))?,
            cancel: return_url(&ctx, &organization, Some(HostedPageOutcome::Canceled))?,
        };
        let request = request(&organization, &submission, &key);
        Ok(set_up_card(&ctx, &stripe, request, &params).await?.response.checkout_url)
    };
    let url = url.await;
    finish(
        BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization },
        submission,
        url,
    )
    .await
}
