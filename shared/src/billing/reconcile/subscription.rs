//! Reconciles a subscription.

use super::find_organization;
use crate::activity::{Action, Actor, AuditEvent, Log};
use crate::billing::Plan;
use crate::billing::billing_state::BillingState;
use crate::billing::ensure_customer::parse_id;
use crate::billing::ledger::retry_ledger_change;
use crate::billing::stored_subscription::{
    ScheduledChange, StoredSubscription, SubscriptionStatus, UnpaidChange,
};
use crate::billing::stripe_account::{CurrentQuota, StripeAccount};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::Attempt;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::Organization;
use crate::requester::Requester;
use crate::stripe::subscriptions::StripeSubscription;
use crate::stripe::{Stripe, StripeId};

/// The metadata name of an agreed monthly quota. Operators set it in Stripe's dashboard, for plans without a fixed
/// price.
const AGREED_CREDITS: &str = "monthly_credits";

/// A subscription at Stripe and its owner.
#[derive(Clone, Copy, Debug)]
pub(in crate::billing) struct SubscriptionRef<'a> {
    pub(in crate::billing) organization_id: &'a OrganizationId,
    /// The organization's customer id at Stripe.
    pub(in crate::billing) customer: &'a StripeId,
    /// The subscription's id at Stripe.
    pub(in crate::billing) id: &'a StripeId,
}

/// Reconciles the subscription of an event. `customer` is the customer that the event names.
///
/// # Errors
/// The errors of [`reconcile`].
pub(in crate::billing) async fn reconcile_by_id(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
    customer: Option<&str>,
) -> Result<()> {
    // The customer of a subscription never changes, so it may come from the event.
    let customer = match customer {
        Some(customer) => Some(customer.to_owned()),
        None => stripe.retrieve_subscription(ctx, id.as_str()).await?.map(|found| found.customer),
    };
    let Some((organization, customer)) = find_organization(ctx, customer.as_deref()).await? else {
        return Ok(());
    };
    let subscription = SubscriptionRef { organization_id: &organization, customer: &customer, id };
    reconcile(ctx, stripe, requester, subscription).await.map(|_| ())
}

/// Reads a subscription from Stripe and stores plan, status and period; ends the quota of a subscription that has
/// ended. Returns the subscription as read, or `None` if it does not exist.
///
/// A second live subscription of an organization is refunded and canceled.
///
/// # Errors
/// - `BillingNotConfigured` without a key of Stripe.
/// - `Unavailable` if Stripe or DynamoDB cannot be reached.
/// - `Internal` if Stripe refuses a call, or if the subscription has an unknown status or an agreed quota that is no
///   number.
/// - `Contention` if other changes of the organization's billing kept interfering.
pub(in crate::billing) async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    subscription: SubscriptionRef<'_>,
) -> Result<Option<StripeSubscription>> {
    let SubscriptionRef { organization_id, customer, id } = subscription;
    let reconciler = Reconciler { ctx, stripe, requester, organization_id, customer };
    retry_ledger_change(ctx, organization_id, || reconciler.attempt(id)).await
}

struct Reconciler<'a> {
    ctx: &'a Context,
    stripe: &'a Stripe,
    requester: &'a Requester,
    organization_id: &'a OrganizationId,
    customer: &'a StripeId,
}

impl Reconciler<'_> {
    async fn attempt(&self, id: &StripeId) -> Attempt<Option<StripeSubscription>> {
        let state = BillingState::read(self.ctx, self.organization_id).await?;
        let before = state.account.subscription.clone();
        let known = before.as_ref().filter(|before| before.id == *id);
        let Some(found) = self.stripe.retrieve_subscription(self.ctx, id.as_str()).await? else {
            return Ok(None);
        };
        let Some(now) = self.parse(&found, known)? else { return Ok(Some(found)) };
        let Some(organization) = state.organization.clone() else {
            self.cancel(&now).await?;
            return Ok(Some(found));
        };
        if let Some(other) = before.filter(|before| before.id != now.id) {
            if !now.status.is_live() {
                // An earlier subscription that has ended changes nothing.
                return Ok(Some(found));
            }
            if self.is_live(&other).await? {
                self.refund_first_invoice(&now).await?;
                self.cancel(&now).await?;
                return Ok(Some(found));
            }
        }
        self.store(state, organization, now).await?;
        Ok(Some(found))
    }

    /// Whether a stored subscription is still live at Stripe.
    async fn is_live(&self, stored: &StoredSubscription) -> Result<bool> {
        if !stored.status.is_live() {
            return Ok(false);
        }
        let Some(found) = self.stripe.retrieve_subscription(self.ctx, stored.id.as_str()).await?
        else {
            return Ok(false);
        };
        let now = self.parse(&found, Some(stored))?;
        Ok(now.is_some_and(|now| now.status.is_live()))
    }

    /// Converts a subscription; `None` if it belongs to another customer or has no price of ours.
    fn parse(
        &self,
        found: &StripeSubscription,
        known: Option<&StoredSubscription>,
    ) -> Result<Option<StoredSubscription>> {
        let id = &found.id;
        if found.customer != self.customer.as_str() {
            tracing::error!(subscription = id, "a subscription belongs to another customer");
            return Ok(None);
        }
        let parsed = parse(self.stripe, found, known)?;
        if parsed.is_none() {
            tracing::error!(subscription = id, "a subscription has a price that is not ours");
        }
        Ok(parsed)
    }

    /// Cancels a subscription that must not be charged any more.
    async fn cancel(&self, subscription: &StoredSubscription) -> Result<()> {
        if !subscription.status.is_live() {
            return Ok(());
        }
        let id = subscription.id.as_str();
        tracing::error!(
            subscription = id,
            "canceled a subscription without an organization to pay for"
        );
        self.stripe.cancel_subscription(self.ctx, id).await
    }

    /// Refunds the first invoice of a second subscription. This comes before its cancellation, so that a failure is
    /// repeated while the subscription is still live.
    async fn refund_first_invoice(&self, second: &StoredSubscription) -> Result<()> {
        let id = second.id.as_str();
        let invoices = self.stripe.list_subscription_invoices(self.ctx, id).await?;
        let is_first = |reason: &Option<String>| reason.as_deref() == Some("subscription_create");
        for invoice in invoices.iter().filter(|invoice| is_first(&invoice.billing_reason)) {
            let Some(invoice) = invoice.id.as_deref().and_then(StripeId::parse) else { continue };
            let found = self.stripe.retrieve_invoice(self.ctx, &invoice).await?;
            if let Some(payment) = found.as_ref().and_then(|invoice| invoice.payment()) {
                self.stripe.refund_rest(self.ctx, payment).await?;
            }
        }
        Ok(())
    }

    async fn store(
        &self,
        state: BillingState,
        organization: Organization,
        now: StoredSubscription,
    ) -> Attempt<()> {
        let Self { ctx, requester, .. } = *self;
        let BillingState { account, balance, .. } = state;
        let before = account.subscription.clone();
        let same = before.as_ref().filter(|before| before.id == now.id);
        let now = StoredSubscription { asked_at: same.and_then(|same| same.asked_at), ..now };
        let checkout = account.checkout.clone().filter(|_| !now.status.is_live());
        let after = StripeAccount { subscription: Some(now.clone()), checkout, ..account.clone() };
        // A subscription that never had a plan in force leaves alone one that was agreed on without a subscription.
        let had_plan = before.as_ref().is_some_and(|before| before.status.has_plan());
        let sets_plan = now.status.has_plan() || had_plan;
        let plan = if sets_plan { now.effective_plan() } else { organization.plan };
        if after == account && organization.plan == plan {
            return Ok(());
        }
        let id = self.organization_id;
        let event = |action| {
            let event = AuditEvent::for_organization(ctx, requester, id, Actor::Service, action)
                .with_target(&now.id)
                .with_detail("plan", now.plan.name())
                .with_detail("status", now.status.as_str())
                .with_detail("cancel_at_period_end", now.cancel_at_period_end);
            match &now.scheduled_change {
                Some(change) => event.with_detail("scheduled_plan", change.plan_name.name()),
                None => event,
            }
        };
        let mut log: Vec<AuditEvent> = change_action(same, &now).map(event).into_iter().collect();
        let mut tx = ctx.table.transaction();
        if organization.plan == plan {
            organization.require_exists(&mut tx)?;
        } else {
            let before = organization.plan.name();
            let changed = AuditEvent::for_organization(
                ctx,
                requester,
                id,
                Actor::Service,
                Action::PlanChanged,
            );
            log.push(changed.with_detail("before", before).with_detail("after", plan.name()));
            Organization { plan, ..organization }.store(&mut tx)?;
        }
        let has_ended = balance
            .period()
            .is_some_and(|period| period.subscription != now.id || !now.status.is_live());
        let quota = if has_ended {
            let mut update = balance.begin_update();
            update.end_quota(ctx)?;
            update.store(&mut tx)?;
            Some(CurrentQuota::of(&update.balance))
        } else {
            after.quota.clone()
        };
        StripeAccount { quota, ..after }.store(&mut tx)?;
        let nothing = Log::Nothing("only the time of the last query, or the period");
        tx.commit(if log.is_empty() { nothing } else { Log::Entries(log) }).await
    }
}

/// Returns the audit action of a change; `None` if it is not worth an event.
fn change_action(before: Option<&StoredSubscription>, now: &StoredSubscription) -> Option<Action> {
    let was_live = before.is_some_and(|before| before.status.is_live());
    match (was_live, now.status.is_live()) {
        (false, true) => Some(Action::SubscriptionStarted),
        (true, false) => Some(Action::SubscriptionEnded),
        (false, false) => None,
        (true, true) => {
            let visible = |it: &StoredSubscription| {
                let changes = (it.scheduled_change.clone(), it.unpaid_change.clone());
                (it.status, it.plan, it.cancel_at_period_end, changes)
            };
            let is_changed = before.is_some_and(|before| visible(before) != visible(now));
            is_changed.then_some(Action::SubscriptionChanged)
        }
    }
}

/// Returns the change that a subscription's schedule makes at the end of the period.
fn scheduled_change(
    stripe: &Stripe,
    found: &StripeSubscription,
    plan: Plan,
) -> Option<ScheduledChange> {
    let (price, at) = found.schedule.as_ref()?.next_price()?;
    let plan_name = stripe.prices().plan(price).filter(|next| *next != plan)?;
    Some(ScheduledChange { plan_name, effective_at: Timestamp::from_seconds(at) })
}

/// Returns the change that waits for its payment.
fn unpaid_change(stripe: &Stripe, found: &StripeSubscription) -> Option<UnpaidChange> {
    let pending = found.pending_update.as_ref()?;
    let price = &pending.subscription_items.as_ref()?.first()?.price.id;
    let invoice = found.latest_invoice.as_ref();
    Some(UnpaidChange {
        plan_name: stripe.prices().plan(price)?,
        expires_at: Timestamp::from_seconds(pending.expires_at),
        payment_url: invoice.and_then(|invoice| invoice.hosted_invoice_url.clone()),
    })
}

/// Converts Stripe's subscription. One whose price is not ours (any more) keeps the stored plan and quota; without a
/// stored one the result is `None`.
fn parse(
    stripe: &Stripe,
    found: &StripeSubscription,
    known: Option<&StoredSubscription>,
) -> Result<Option<StoredSubscription>> {
    let ours = found.items.data.iter().find_map(|item| {
        let plan = stripe.prices().plan(&item.price.id)?;
        Some((item, plan))
    });
    let before = known.and_then(|known| Some((found.items.data.first()?, known.plan)));
    let Some((item, plan)) = ours.or(before) else { return Ok(None) };
    let agreed = found.metadata.as_ref().and_then(|metadata| metadata.get(AGREED_CREDITS));
    let agreed = agreed.filter(|_| plan.price().is_none());
    let quota = match (agreed, known) {
        (Some(agreed), _) => agreed.trim().parse().map_err(|_| {
            Error::internal(format!("{AGREED_CREDITS} of a subscription is not a number"))
        })?,
        (None, Some(known)) if ours.is_none() => known.quota,
        (None, _) => plan.limits().credits,
    };
    Ok(Some(StoredSubscription {
        id: parse_id(&found.id)?,
        plan,
        status: SubscriptionStatus::parse(&found.status)?,
        quota,
        period_start: Timestamp::from_seconds(item.current_period_start),
        period_end: Timestamp::from_seconds(item.current_period_end),
        cancel_at_period_end: found.cancel_at_period_end || found.cancel_at.is_some(),
        scheduled_change: scheduled_change(stripe, found, plan),
        unpaid_change: unpaid_change(stripe, found),
        asked_at: None,
    }))
}
