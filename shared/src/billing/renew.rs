//! Renews a subscription's period when no webhook has reported it.

use std::time::Duration;

use super::billing_state::BillingState;
use super::reconcile::subscription::SubscriptionRef;
use super::reconcile::{invoice, subscription};
use super::stored_subscription::StoredSubscription;
use super::stripe_account::StripeAccount;
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::Attempt;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// The interval between queries after the end of a period. Stripe creates the invoice at the start of a period and
/// charges it an hour later; until then the old quota is spent.
/// <https://docs.stripe.com/billing/subscriptions/overview>
const QUERY_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// The interval between queries when the period has been over for [`OVERDUE_AFTER`], because the payment failed.
const OVERDUE_QUERY_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// The time after the end of a period from which it counts as overdue.
const OVERDUE_AFTER: Duration = Duration::from_secs(3 * 60 * 60);

/// The maximum time that the first caller waits for Stripe. A call about credits must not fail because Stripe does.
const RENEWAL_TIMEOUT: Duration = Duration::from_secs(3);

/// Asks Stripe for the next period if the quota's period is over, grants its quota if it is paid, and returns the new
/// state. `None` if nothing is due, Stripe was asked recently, or Stripe cannot be asked; the old quota stays in force
/// then.
pub(super) async fn renew_if_due(
    ctx: &Context,
    stripe: &Stripe,
    state: &BillingState,
) -> Option<BillingState> {
    let (due, customer) = due_subscription(ctx, state)?;
    let renewing = renew(ctx, stripe, state, due, customer);
    match tokio::time::timeout(RENEWAL_TIMEOUT, renewing).await {
        Ok(Ok(renewed)) => Some(renewed),
        Ok(Err(error)) => {
            tracing::warn!(cause = ?error, "Stripe cannot be asked for a new period");
            None
        }
        Err(_) => {
            tracing::warn!("Stripe took too long to be asked for a new period");
            None
        }
    }
}

/// Returns the subscription whose next period is due, and its customer.
fn due_subscription<'s>(
    ctx: &Context,
    state: &'s BillingState,
) -> Option<(&'s StoredSubscription, &'s StripeId)> {
    let now = ctx.now();
    let subscription = state.account.subscription.as_ref()?;
    let is_granted = state
        .balance
        .period()
        .is_some_and(|period| period.subscription == subscription.id && now < period.end);
    let is_overdue = now >= subscription.period_end.plus(OVERDUE_AFTER);
    let interval = if is_overdue { OVERDUE_QUERY_INTERVAL } else { QUERY_INTERVAL };
    let was_asked = subscription.asked_at.is_some_and(|asked| now < asked.plus(interval));
    let is_due = subscription.status.is_live() && !is_granted && !was_asked;
    let customer = state.account.customer.as_ref()?;
    is_due.then_some((subscription, customer))
}

async fn renew(
    ctx: &Context,
    stripe: &Stripe,
    state: &BillingState,
    due: &StoredSubscription,
    customer: &StripeId,
) -> Attempt<BillingState> {
    let organization_id = &state.account.client_id;
    let asked = StoredSubscription { asked_at: Some(ctx.now()), ..due.clone() };
    let mut tx = ctx.table.transaction();
    // Only one of several concurrent callers asks Stripe.
    StripeAccount { subscription: Some(asked), ..state.account.clone() }.store(&mut tx)?;
    tx.commit(Log::Nothing("the result of the query is logged")).await?;
    let requester = Requester::service();
    let renewed = SubscriptionRef { organization_id, customer, id: &due.id };
    subscription::reconcile(ctx, stripe, &requester, renewed).await?;
    let found = stripe.list_subscription_invoices(ctx, due.id.as_str()).await?;
    let of_period = found.into_iter().find(|invoice| invoice.begins_period());
    if let Some(id) = of_period.and_then(|invoice| StripeId::parse(invoice.id.as_deref()?)) {
        invoice::reconcile(ctx, stripe, &requester, &id, false).await?;
    }
    Ok(BillingState::read(ctx, organization_id).await?)
}
