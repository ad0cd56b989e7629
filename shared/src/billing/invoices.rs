//! Lists the invoices of an organization, which Stripe stores.

use serde::Serialize;
use utoipa::ToSchema;

use super::stripe_account::authorize_billing;
use super::stripe_paging::StripePageRequest;
use super::stripe_throttle::count_stripe_call;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Page, PageRequest};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::stripe::invoices::StripeInvoice;
use crate::stripe::{Stripe, StripeId};

/// An invoice in an API response.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Invoice)]
pub struct InvoiceView {
    /// The id of the invoice at Stripe.
    #[schema(example = "in_1Pgc6tB7WZ01zgkWu9fdqL6I")]
    pub id: String,
    /// The invoice number; null until it is finalized.
    #[schema(required, example = "A1B2C3D4-0001")]
    pub number: Option<String>,
    /// The status: `draft`, `open`, `paid`, `uncollectible` or `void`.
    #[schema(example = "paid")]
    pub status: String,
    /// The amount due, in the currency's smallest unit.
    #[schema(example = 5000)]
    pub amount_due: i64,
    /// The amount that was paid, in the currency's smallest unit.
    #[schema(example = 5000)]
    pub amount_paid: i64,
    /// The ISO 4217 currency code in lower case.
    #[schema(example = "usd")]
    pub currency: String,
    /// The time at which Stripe created the invoice.
    pub created_at: Timestamp,
    /// The URL of Stripe's page of the invoice; null until it is finalized.
    #[schema(required)]
    pub hosted_url: Option<String>,
}

impl InvoiceView {
    fn from_stripe(invoice: StripeInvoice) -> Option<Self> {
        Some(Self {
            id: invoice.id?,
            number: invoice.number,
            status: invoice.status.unwrap_or_else(|| "draft".to_owned()),
            amount_due: invoice.amount_due,
            amount_paid: invoice.amount_paid,
            currency: invoice.currency,
            created_at: Timestamp::from_seconds(invoice.created),
            hosted_url: invoice.hosted_invoice_url,
        })
    }
}

/// Lists a page of invoices, newest first. Empty for an organization without a customer at Stripe.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner, `InvalidCursor` if the
/// cursor belongs to another list, `RateLimited` after too many calls, `BillingNotConfigured` or `Unavailable` if
/// Stripe cannot be reached.
pub async fn list_invoices(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<InvoiceView>> {
    let (_, account) = authorize_billing(ctx, caller, organization_id).await?;
    stripe.require_configured(ctx).await?;
    let request =
        StripePageRequest::open(ctx, &format!("invoices {organization_id}"), page).await?;
    let Some(customer) = account.customer else { return Ok(Page::empty()) };
    count_stripe_call(ctx, organization_id).await?;
    let found =
        stripe.list_invoices(ctx, customer.as_str(), request.last_id(), request.limit).await?;
    let last = found.data.last().filter(|_| found.has_more);
    let next_cursor =
        request.next_cursor(ctx, last.and_then(|invoice| invoice.id.as_deref())).await?;
    Ok(Page {
        data: found.data.into_iter().filter_map(InvoiceView::from_stripe).collect(),
        next_cursor,
    })
}

/// Returns the current URL of an invoice's PDF.
///
/// # Errors
/// `NotFound` if the invoice belongs to another organization or is not finalized, `NoAccess` if the caller is not the
/// owner, `RateLimited` after too many calls, `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn read_invoice_pdf_url(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    invoice: &StripeId,
) -> Result<String> {
    let (_, account) = authorize_billing(ctx, caller, organization_id).await?;
    stripe.require_configured(ctx).await?;
    let customer = account.customer.ok_or(Error::NotFound)?;
    count_stripe_call(ctx, organization_id).await?;
    let found = stripe.retrieve_invoice(ctx, invoice).await?.ok_or(Error::NotFound)?;
    if found.customer.as_deref() != Some(customer.as_str()) {
        return Err(Error::NotFound);
    }
    found.invoice_pdf.ok_or(Error::NotFound)
}
