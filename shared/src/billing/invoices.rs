//! Invoices: Stripe has them, and is asked.

use serde::Serialize;
use utoipa::ToSchema;

use super::account::authorize_billing;
use super::pages::Asked;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Page, PageRequest};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::stripe::invoices::Invoice;
use crate::stripe::{Stripe, StripeId};

/// An invoice.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Invoice)]
pub struct InvoiceView {
    /// Its id at Stripe.
    #[schema(example = "in_1Pgc6tB7WZ01zgkWu9fdqL6I")]
    id: String,
    /// What people call it; null while it isn't final.
    #[schema(required, example = "A1B2C3D4-0001")]
    number: Option<String>,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    #[schema(example = "paid")]
    status: String,
    /// What is to be paid, in the currency's smallest unit.
    #[schema(example = 5000)]
    amount_due: i64,
    /// What was paid.
    #[schema(example = 5000)]
    amount_paid: i64,
    /// Three letters, in lower case.
    #[schema(example = "usd")]
    currency: String,
    /// When it was made.
    created_at: Timestamp,
    /// Stripe's page of it; null while it isn't final.
    #[schema(required)]
    hosted_url: Option<String>,
}

impl InvoiceView {
    fn of(invoice: Invoice) -> Option<Self> {
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

/// A page of the organization's invoices, the newest first; empty for one that Stripe doesn't know. Errors
/// as of [`super::checkout::checkout`].
pub async fn invoices(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<InvoiceView>> {
    let (_, account) = authorize_billing(ctx, caller, organization_id).await?;
    stripe.configured(ctx).await?;
    let asked = Asked::of(ctx, &format!("invoices {organization_id}"), page).await?;
    let Some(customer) = account.customer else { return Ok(Page::empty()) };
    let found = stripe.invoices(ctx, customer.as_str(), asked.after(), asked.limit).await?;
    let last = found.data.last().filter(|_| found.has_more);
    let next_cursor = asked.next(ctx, last.and_then(|invoice| invoice.id.as_deref())).await?;
    Ok(Page { data: found.data.into_iter().filter_map(InvoiceView::of).collect(), next_cursor })
}

/// Where the invoice is to be had as PDF at this moment. [`Error::NotFound`] of one that isn't the
/// organization's, or isn't final.
pub async fn pdf(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    invoice: &StripeId,
) -> Result<String> {
    let (_, account) = authorize_billing(ctx, caller, organization_id).await?;
    stripe.configured(ctx).await?;
    let customer = account.customer.ok_or(Error::NotFound)?;
    let found = stripe.invoice(ctx, invoice).await?.ok_or(Error::NotFound)?;
    if found.customer.as_deref() != Some(customer.as_str()) {
        return Err(Error::NotFound);
    }
    found.invoice_pdf.ok_or(Error::NotFound)
}
