//! `POST /account/organizations/{client_id}/billing/top-up`: leads to Stripe's page to buy credits.

use axum::Extension;
use axum::extract::State;
use shared::billing::hosted_pages::top_up::{TopUpParams, create_top_up};
use shared::context::Context;
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

use super::hosted_page::{finish, request, return_url};
use super::outcome::HostedPageOutcome;
use super::overview::BillingContext;
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult};

/// Leads to the checkout of the typed number of credits.
pub(crate) async fn buy_credits(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let key = submission.idempotency_key();
    let url = async {
        let typed = submission.fields.get("credits").replace([',', ' '], "");
        let credits = typed.parse();
        let credits =
            credits.map_err(|_| Error::invalid_field("credits", "enter a whole number"))?;
        let params = TopUpParams {
            credits: TopUpParams::parse_credits(credits)?,
            success: return_url(&ctx, &organization, Some(HostedPageOutcome::ToppedUp))?,
            cancel: return_url(&ctx, &organization, Some(HostedPageOutcome::Canceled))?,
        };
        let request = request(&organization, &submission, &key);
        Ok(create_top_up(&ctx, &stripe, request, &params).await?.response.checkout_url)
    };
    let url = url.await;
    finish(
        BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization },
        submission,
        url,
    )
    .await
}
