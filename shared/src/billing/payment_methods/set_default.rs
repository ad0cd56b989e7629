//! Chooses the payment method that an organization's invoices are paid with.

use super::PaymentMethodView;
use super::own_method::OwnMethod;
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::stripe::{Stripe, StripeId};

/// Pays the plan's invoices with a payment method from now on. Repeating it changes nothing.
///
/// # Errors
/// - `NotFound` if the organization does not exist or has no such payment method, `NoAccess` if the caller is not its
///   owner.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `Contention` if the subscription does not allow a change at this moment.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn set_default_payment_method(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    id: &StripeId,
) -> Result<PaymentMethodView> {
    let method = OwnMethod::find(ctx, stripe, caller, organization_id, id).await?;
    let customer = method.customer.as_str();
    // Stripe refuses a payment method that was removed in the meantime.
    let changed = stripe.set_default_payment_method(ctx, customer, id.as_str()).await?;
    changed.ok_or(Error::NotFound)?;
    // A payment method of the subscription's own takes precedence. Checkout sets it.
    if let Some(live) = method.live_subscription() {
        let changed =
            stripe.set_subscription_payment_method(ctx, live.id.as_str(), id.as_str()).await?;
        changed.ok_or(Error::Contention)?;
    }
    method.record(ctx, Action::DefaultPaymentMethodChanged).await?;
    Ok(PaymentMethodView::from_stripe(method.found, Some(id.as_str())))
}
