//! Bringing what is known of a subscription in line with Stripe.

use super::account::{Account, Books, Status, Subscription};
use super::customer::id;
use crate::activity::{Action, Actor, AuditEvent, Log};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::Organization;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId, subscriptions};

/// The name that says, in the metadata of a subscription, how many credits it brings a month, where that was
/// agreed on: of a plan whose price is. Only people of ours write it, in Stripe's dashboard.
const AGREED_CREDITS: &str = "monthly_credits";

/// A subscription at Stripe and its owner.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubscriptionRef<'a> {
    /// The organization that subscribes.
    pub(super) organization_id: &'a OrganizationId,
    /// The organization's customer id at Stripe.
    pub(super) customer: &'a StripeId,
    /// The subscription's id at Stripe.
    pub(super) id: &'a StripeId,
}

/// Asks how a subscription of that customer of ours stands, and writes that down: plan, period, and that the
/// quota ends with it. Whatever told of it, in whatever order, it ends the same: what is written was asked
/// for after what was there had been read, and only if that is unchanged.
pub(super) async fn sync(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    subscription: SubscriptionRef<'_>,
) -> Result<()> {
    let SubscriptionRef { organization_id, customer, id } = subscription;
    let sync = Sync { ctx, stripe, requester, organization_id, customer };
    retry_conflicts(ctx, || sync.attempt(id)).await
}

struct Sync<'a> {
    ctx: &'a Context,
    stripe: &'a Stripe,
    requester: &'a Requester,
    organization_id: &'a OrganizationId,
    customer: &'a StripeId,
}

impl Sync<'_> {
    async fn attempt(&self, subscription: &StripeId) -> Result<()> {
        let books = Books::read(self.ctx, self.organization_id).await?;
        let before = books.account.subscription.clone();
        let known = before.as_ref().filter(|before| before.id == *subscription);
        let Some(now) = self.ask(subscription, known).await? else { return Ok(()) };
        let Some(organization) = books.organization.clone() else {
            return self.stop(&now).await;
        };
        if let Some(other) = before.filter(|before| before.id != now.id) {
            if !now.status.is_live() {
                // One from before, of which nothing counts any more.
                return Ok(());
            }
            // What is known of the other may be old.
            let other_now = match other.status.is_live() {
                true => self.ask(&other.id, Some(&other)).await?,
                false => None,
            };
            if other_now.is_some_and(|other| other.status.is_live()) {
                self.give_back(&now).await?;
                return self.stop(&now).await;
            }
        }
        self.write(books, organization, now).await
    }

    /// How a subscription stands; `None` of one that isn't this customer's, or of a price that never was ours.
    async fn ask(
        &self,
        id: &StripeId,
        known: Option<&Subscription>,
    ) -> Result<Option<Subscription>> {
        let Some(found) = self.stripe.subscription(self.ctx, id.as_str()).await? else {
            return Ok(None);
        };
        if found.customer != self.customer.as_str() {
            tracing::error!(subscription = %id, "a subscription is another customer's than told");
            return Ok(None);
        }
        let read = read(self.stripe, &found, known)?;
        if read.is_none() {
            tracing::error!(subscription = %id, "a subscription has a price that isn't ours");
        }
        Ok(read)
    }

    /// Ends a subscription that nobody is to pay for any more.
    async fn stop(&self, subscription: &Subscription) -> Result<()> {
        if !subscription.status.is_live() {
            return Ok(());
        }
        let id = subscription.id.as_str();
        tracing::error!(subscription = id, "ended a subscription that nobody is to pay for");
        self.stripe.cancel_subscription(self.ctx, id).await
    }

    /// Pays back what a second subscription began with. Before it is ended: what fails is done again as long
    /// as it isn't.
    async fn give_back(&self, second: &Subscription) -> Result<()> {
        let invoices = self.stripe.invoices_of(self.ctx, second.id.as_str()).await?;
        let is_first = |reason: &Option<String>| reason.as_deref() == Some("subscription_create");
        for invoice in invoices.iter().filter(|invoice| is_first(&invoice.billing_reason)) {
            let Some(invoice) = invoice.id.as_deref().and_then(StripeId::parse) else { continue };
            let found = self.stripe.invoice(self.ctx, &invoice).await?;
            if let Some(payment) = found.as_ref().and_then(|invoice| invoice.payment()) {
                self.stripe.refund(self.ctx, payment).await?;
            }
        }
        Ok(())
    }

    async fn write(
        &self,
        books: Books,
        organization: Organization,
        now: Subscription,
    ) -> Result<()> {
        let Self { ctx, requester, .. } = *self;
        let Books { account, balance, .. } = books;
        let before = account.subscription.clone();
        let same = before.as_ref().filter(|before| before.id == now.id);
        let now = Subscription { asked_at: same.and_then(|same| same.asked_at), ..now };
        let checkout = account.checkout.clone().filter(|_| !now.status.is_live());
        let after = Account { subscription: Some(now.clone()), checkout, ..account.clone() };
        let plan = now.effective_plan();
        if after == account && organization.plan == plan {
            return Ok(());
        }
        let entry = |action| {
            AuditEvent::for_organization(
                ctx,
                requester,
                self.organization_id,
                Actor::Service,
                action,
            )
            .with_target(&now.id)
            .with_detail("plan", now.plan.name())
            .with_detail("status", now.status.as_str())
        };
        let mut log: Vec<AuditEvent> = change(same, &now).map(entry).into_iter().collect();
        let mut tx = ctx.table.transaction();
        if organization.plan == plan {
            organization.require_exists(&mut tx)?;
        } else {
            let (action, before) = (Action::PlanChanged, organization.plan.name());
            let changed = AuditEvent::for_organization(
                ctx,
                requester,
                self.organization_id,
                Actor::Service,
                action,
            );
            log.push(changed.with_detail("before", before).with_detail("after", plan.name()));
            Organization { plan, ..organization }.store(&mut tx)?;
        }
        // The quota of what is over is over.
        let is_over = balance
            .period()
            .is_some_and(|period| period.subscription != now.id || !now.status.is_live());
        if is_over {
            let mut posted = balance.begin();
            posted.end_quota(ctx)?;
            posted.store(&mut tx)?;
        }
        after.store(&mut tx)?;
        let nothing = Log::Nothing("only when it was asked for, or its period");
        tx.commit(if log.is_empty() { nothing } else { Log::Entries(log) }).await
    }
}

/// What there is to say of it in the log.
fn change(before: Option<&Subscription>, now: &Subscription) -> Option<Action> {
    let was_live = before.is_some_and(|before| before.status.is_live());
    match (was_live, now.status.is_live()) {
        (false, true) => Some(Action::SubscriptionStarted),
        (true, false) => Some(Action::SubscriptionEnded),
        (false, false) => None,
        (true, true) => {
            let said = |it: &Subscription| (it.status, it.plan, it.cancel_at_period_end);
            let is_other = before.is_some_and(|before| said(before) != said(now));
            is_other.then_some(Action::SubscriptionChanged)
        }
    }
}

/// What Stripe says of a subscription. With prices that aren't ours (any more) it is what it was, or, if that
/// isn't known, `None`.
fn read(
    stripe: &Stripe,
    found: &subscriptions::Subscription,
    known: Option<&Subscription>,
) -> Result<Option<Subscription>> {
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
            Error::internal(format!("{AGREED_CREDITS} of a subscription is no number"))
        })?,
        (None, Some(known)) if ours.is_none() => known.quota,
        (None, _) => plan.limits().credits,
    };
    Ok(Some(Subscription {
        id: id(&found.id)?,
        plan,
        status: Status::parse(&found.status)?,
        quota,
        period_start: Timestamp::from_seconds(item.current_period_start),
        period_end: Timestamp::from_seconds(item.current_period_end),
        cancel_at_period_end: found.cancel_at_period_end || found.cancel_at.is_some(),
        asked_at: None,
    }))
}
