//! A customer was deleted at Stripe, and their subscriptions with them.

use crate::activity::{Action, Actor, AuditEvent};
use crate::billing::Plan;
use crate::billing::account::{Account, Books, Status, Subscription, client_of};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::Result;
use crate::organizations::Organization;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Forgets the customer: the organization is on the free plan, and becomes another when it pays again.
pub(super) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(client_id) = client_of(ctx, id.as_str()).await? else { return Ok(()) };
    let found = stripe.customer(ctx, id.as_str()).await?;
    if found.is_some_and(|customer| customer.deleted != Some(true)) {
        return Ok(());
    }
    retry_conflicts(ctx, || async {
        let Books { organization, account, balance } = Books::read(ctx, &client_id).await?;
        let is_it = account.customer.as_ref() == Some(id);
        let Some(organization) = organization.filter(|_| is_it) else { return Ok(()) };
        let mut tx = ctx.table.transaction();
        let over = |subscription| Subscription { status: Status::Canceled, ..subscription };
        let (action, service) = (Action::BillingRemoved, Actor::Service);
        let entry = AuditEvent::for_organization(ctx, requester, &client_id, service, action)
            .with_target(id);
        let entry = entry
            .with_detail("before", organization.plan.name())
            .with_detail("after", Plan::Free.name());
        Organization { plan: Plan::Free, ..organization }.store(&mut tx)?;
        if balance.period().is_some() {
            let mut posted = balance.begin();
            posted.end_quota(ctx)?;
            posted.store(&mut tx)?;
        }
        let account = Account {
            customer: None,
            customers_before: account.customers_before + 1,
            checkout: None,
            subscription: account.subscription.map(over),
            ..account
        };
        account.store(&mut tx)?;
        tx.commit(entry).await
    })
    .await
}
