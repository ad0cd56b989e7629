//! `GET /account/organizations/{client_id}/billing/invoices/{invoice_id}/pdf`: leads to the PDF of an invoice.

use axum::Extension;
use axum::extract::State;
use shared::billing::invoices::read_invoice_pdf_url;
use shared::context::Context;
use shared::http::Ids;
use shared::ids::OrganizationId;
use shared::stripe::{Stripe, StripeId};

use crate::pages::{ForPage, PageResult, Visitor, redirects};

/// Redirects to the current URL of the PDF at Stripe.
pub(crate) async fn invoice_pdf(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Ids(organization, invoice)): ForPage<Ids<OrganizationId, StripeId>>,
    visitor: Visitor,
) -> PageResult {
    let url = read_invoice_pdf_url(&ctx, &stripe, &visitor.caller, &organization, &invoice).await?;
    Ok(redirects::see_other(&url))
}
