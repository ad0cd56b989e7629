//! Lists the payment methods of an organization, which Stripe stores.

use super::PaymentMethodView;
use super::own_method::default_payment_method;
use crate::billing::stripe_account::authorize_billing;
use crate::billing::stripe_paging::StripePageRequest;
use crate::billing::stripe_throttle::count_stripe_call;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Page, PageRequest};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::stripe::Stripe;

/// Lists a page of payment methods, newest first. Empty for an organization without a customer at Stripe.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner, `InvalidCursor` if the
/// cursor belongs to another list, `RateLimited` after too many calls, `BillingNotConfigured` or `Unavailable` if
/// Stripe cannot be reached.
pub async fn list_payment_methods(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<PaymentMethodView>> {
    let (_, account) = authorize_billing(ctx, caller, organization_id).await?;
    stripe.require_configured(ctx).await?;
    let request =
        StripePageRequest::open(ctx, &format!("payment methods {organization_id}"), page).await?;
    let Some(customer) = account.customer else { return Ok(Page::empty()) };
    count_stripe_call(ctx, organization_id).await?;
    let customer = customer.as_str();
    let (found, default) = tokio::try_join!(
        stripe.list_payment_methods(ctx, customer, request.last_id(), request.limit),
        default_payment_method(ctx, stripe, customer, account.subscription.as_ref()),
    )?;
    let last = found.data.last().filter(|_| found.has_more);
    let next_cursor = request.next_cursor(ctx, last.map(|method| method.id.as_str())).await?;
    let view = |method| PaymentMethodView::from_stripe(method, default.as_deref());
    Ok(Page { data: found.data.into_iter().map(view).collect(), next_cursor })
}
