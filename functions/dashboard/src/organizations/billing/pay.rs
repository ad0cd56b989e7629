//! `GET /account/organizations/{client_id}/billing/pay`: leads to the page at Stripe where a payment is made that
//! failed or waits.

use axum::Extension;
use axum::extract::State;
use shared::billing::invoices::list_invoices;
use shared::billing::read_subscription::read_subscription;
use shared::context::Context;
use shared::dynamo::PageRequest;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

use super::overview::INVOICES;
use super::payment_card::payment_url;
use crate::pages::{ForPage, OrganizationPage, PageResult, Visitor, redirects};

/// Redirects to the page of the open invoice. It changes nothing, so the banner of a failed payment links to it.
/// Without an open invoice, without the right to pay, or if Stripe cannot be reached, it redirects to the billing page,
/// which says more.
pub(crate) async fn pay(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    let latest = PageRequest { limit: INVOICES, cursor: None };
    let (subscription, invoices) = tokio::join!(
        read_subscription(&ctx, &visitor.caller, &organization),
        list_invoices(&ctx, &stripe, &visitor.caller, &organization, &latest),
    );
    let invoices = invoices.ok();
    let url =
        subscription.ok().and_then(|subscription| payment_url(&subscription, invoices.as_ref()));
    let billing = || format!("{}#payment", OrganizationPage::Billing.path(&organization));
    Ok(redirects::see_other(&url.unwrap_or_else(billing)))
}
