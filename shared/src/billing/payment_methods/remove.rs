//! Removes a payment method of an organization.

use super::own_method::{OwnMethod, default_payment_method};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::stripe::{Stripe, StripeId};

/// Removes a payment method for good: Stripe attaches none again. While there is a subscription, its default payment
/// method and the last one stay.
///
/// # Errors
/// - `NotFound` if the organization does not exist or has no such payment method, `NoAccess` if the caller is not its
///   owner.
/// - `PaymentMethodInUse` if the subscription is paid with it, or it is the last one of an organization that
///   subscribes.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn remove_payment_method(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    id: &StripeId,
) -> Result<()> {
    let method = OwnMethod::find(ctx, stripe, caller, organization_id, id).await?;
    if method.live_subscription().is_some() {
        require_unused(ctx, stripe, &method).await?;
    }
    let detached = stripe.detach_payment_method(ctx, id.as_str()).await?;
    // Another request has removed it in the meantime.
    detached.ok_or(Error::NotFound)?;
    if method.live_subscription().is_some() {
        restore_default(ctx, stripe, &method).await?;
    }
    method.record(ctx, Action::PaymentMethodRemoveRequested).await
}

/// Pays with the newest payment method that is left, if the removed one had become the default since it was checked.
/// Stripe then leaves the customer without any, and the next invoice would fail.
async fn restore_default(ctx: &Context, stripe: &Stripe, method: &OwnMethod<'_>) -> Result<()> {
    let customer = method.customer.as_str();
    let subscription = method.live_subscription();
    if default_payment_method(ctx, stripe, customer, subscription).await?.is_some() {
        return Ok(());
    }
    let left = stripe.list_payment_methods(ctx, customer, None, 1).await?;
    if let Some(newest) = left.data.first() {
        // Stripe refuses it if another request removes it as well, and that request then chooses.
        stripe.set_default_payment_method(ctx, customer, &newest.id).await?;
    }
    Ok(())
}

/// Checks that the subscription can be paid without the payment method.
async fn require_unused(ctx: &Context, stripe: &Stripe, method: &OwnMethod<'_>) -> Result<()> {
    let customer = method.customer.as_str();
    let (default, some) = tokio::try_join!(
        default_payment_method(ctx, stripe, customer, method.live_subscription()),
        stripe.list_payment_methods(ctx, customer, None, 2),
    )?;
    let is_own = |id: &str| id == method.id.as_str();
    if default.as_deref().is_some_and(is_own) {
        return Err(Error::PaymentMethodInUse);
    }
    match &some.data[..] {
        [_, _, ..] => Ok(()),
        [last] if is_own(&last.id) => Err(Error::PaymentMethodInUse),
        // Another request has removed it in the meantime.
        [] | [_] => Err(Error::NotFound),
    }
}
