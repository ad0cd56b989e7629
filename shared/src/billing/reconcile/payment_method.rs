//! Reconciles a payment method that was detached.

use super::{commit_once, find_organization};
use crate::activity::{Action, Actor, AuditEvent};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Records the removal in the audit log, unless the payment method is attached again. No other data of cards is stored.
///
/// # Errors
/// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe or DynamoDB cannot be reached, `Internal`
/// if Stripe refuses the call.
pub(in crate::billing) async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
    customer: Option<&str>,
) -> Result<()> {
    let Some((organization, _)) = find_organization(ctx, customer).await? else { return Ok(()) };
    let Some(method) = stripe.retrieve_payment_method(ctx, id.as_str()).await? else {
        return Ok(());
    };
    if method.customer.is_some() {
        return Ok(());
    }
    let action = Action::PaymentMethodRemoved;
    let entry = AuditEvent::for_organization(ctx, requester, &organization, Actor::Service, action)
        .with_target(id);
    let last4 = method.card.map(|card| card.last4).unwrap_or_default();
    let entry = entry.with_detail("type", method.kind).with_detail("last4", last4);
    commit_once(ctx, &format!("noted_{id}"), |_| Ok(entry.clone().into())).await
}
