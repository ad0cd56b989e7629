//! Reconciles a customer that was deleted at Stripe.

use crate::activity::{Action, Actor, AuditEvent};
use crate::billing::Plan;
use crate::billing::billing_state::BillingState;
use crate::billing::ledger::retry_ledger_change;
use crate::billing::stored_subscription::{StoredSubscription, SubscriptionStatus};
use crate::billing::stripe_account::{CurrentQuota, StripeAccount, find_organization_of_customer};
use crate::context::Context;
use crate::error::Result;
use crate::organizations::Organization;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Puts the organization on the free plan and clears its customer. A later payment creates a new customer.
///
/// # Errors
/// - `BillingNotConfigured` without a key of Stripe.
/// - `Unavailable` if Stripe or DynamoDB cannot be reached.
/// - `Internal` if Stripe refuses the call, or the balance overflows.
/// - `Contention` if other changes of the organization's billing kept interfering.
pub(in crate::billing) async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(client_id) = find_organization_of_customer(ctx, id.as_str()).await? else {
        return Ok(());
    };
    let found = stripe.retrieve_customer(ctx, id.as_str()).await?;
    if found.is_some_and(|customer| customer.deleted != Some(true)) {
        return Ok(());
    }
    retry_ledger_change(ctx, &client_id, || async {
        let BillingState { organization, account, balance } =
            BillingState::read(ctx, &client_id).await?;
        let is_current = account.customer.as_ref() == Some(id);
        let Some(organization) = organization.filter(|_| is_current) else { return Ok(()) };
        let mut tx = ctx.table.transaction();
        let canceled = |subscription| StoredSubscription {
            status: SubscriptionStatus::Canceled,
            ..subscription
        };
        let (action, service) = (Action::BillingRemoved, Actor::Service);
        let entry = AuditEvent::for_organization(ctx, requester, &client_id, service, action)
            .with_target(id);
        let entry = entry
            .with_detail("before", organization.plan.name())
            .with_detail("after", Plan::Free.name());
        Organization { plan: Plan::Free, ..organization }.store(&mut tx)?;
        let mut quota = account.quota.clone();
        if balance.period().is_some() {
            let mut update = balance.begin_update();
            update.end_quota(ctx)?;
            update.store(&mut tx)?;
            quota = Some(CurrentQuota::of(&update.balance));
        }
        let account = StripeAccount {
            customer: None,
            customers_before: account.customers_before + 1,
            checkout: None,
            subscription: account.subscription.map(canceled),
            quota,
            ..account
        };
        account.store(&mut tx)?;
        tx.commit(entry).await
    })
    .await
}
