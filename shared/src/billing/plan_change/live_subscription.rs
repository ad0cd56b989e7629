//! The subscription that an operation changes, as Stripe stores it now.

use crate::billing::Plan;
use crate::billing::billing_state::BillingState;
use crate::billing::renew::renew_if_due;
use crate::billing::stored_subscription::{StoredSubscription, SubscriptionStatus};
use crate::billing::stripe_account::StripeAccount;
use crate::billing::stripe_throttle::count_stripe_call;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::{Authorized, authorize};
use crate::organizations::rights::Right;
use crate::stripe::subscriptions::{StripeSubscription, SubscriptionItem};
use crate::stripe::{Stripe, StripeId};

/// An owner who may change the subscription, and the organization's billing as it was read.
pub(super) struct Owner<'a> {
    pub(super) caller: &'a Caller,
    pub(super) authorized: Authorized,
    pub(super) state: BillingState,
}

impl<'a> Owner<'a> {
    /// Authorizes the caller to manage billing, in one round trip.
    ///
    /// # Errors
    /// The errors of [`authorize`]: `NotFound` if the organization does not exist, `NoAccess` if the caller is not
    /// its owner.
    pub(super) async fn authorize(
        ctx: &Context,
        caller: &'a Caller,
        organization_id: &OrganizationId,
    ) -> Result<Self> {
        let extra = [keys::stripe_account(organization_id), keys::balance(organization_id)];
        let right = Right::ManageBilling;
        let (authorized, found) = authorize(ctx, caller, organization_id, right, &extra).await?;
        let state = BillingState::from_found(organization_id, &found)?;
        Ok(Self { caller, authorized, state })
    }

    /// Checks that Stripe can be asked about a live subscription, and counts the request.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `NotSubscribed` if there is no live subscription,
    /// `RateLimited` if the organization has made too many calls that reach Stripe.
    pub(super) async fn begin(&self, ctx: &Context, stripe: &Stripe) -> Result<()> {
        stripe.require_configured(ctx).await?;
        stored_live(&self.state.account)?;
        count_stripe_call(ctx, &self.state.account.client_id).await
    }

    /// Checks that the current period is paid. Asks Stripe if its payment has not been reported yet.
    ///
    /// # Errors
    /// `SubscriptionPastDue` if it is not paid, or if Stripe cannot be asked or was asked a moment ago.
    pub(super) async fn require_paid_period(&self, ctx: &Context, stripe: &Stripe) -> Result<()> {
        let is_paid = |state: &BillingState| {
            let live = stored_live(&state.account).ok();
            let granted = state.balance.period();
            granted.zip(live).is_some_and(|(granted, live)| {
                granted.subscription == live.id
                    && granted.start >= live.period_start
                    && ctx.now() < granted.end
            })
        };
        if is_paid(&self.state) {
            return Ok(());
        }
        let renewed = renew_if_due(ctx, stripe, &self.state).await;
        if renewed.is_some_and(|state| is_paid(&state)) {
            Ok(())
        } else {
            Err(Error::SubscriptionPastDue)
        }
    }
}

/// Returns the stored subscription, if it is live.
fn stored_live(account: &StripeAccount) -> Result<&StoredSubscription> {
    let live = account.subscription.as_ref().filter(|stored| stored.status.is_live());
    live.ok_or(Error::NotSubscribed)
}

/// A live subscription at Stripe.
pub(super) struct LiveSubscription {
    pub(super) organization_id: OrganizationId,
    pub(super) id: StripeId,
    /// The organization's customer id at Stripe.
    pub(super) customer: StripeId,
    pub(super) plan: Plan,
    pub(super) status: SubscriptionStatus,
    /// The subscription, as Stripe returns it.
    pub(super) found: StripeSubscription,
}

impl LiveSubscription {
    /// Reads the subscription of an account from Stripe.
    ///
    /// # Errors
    /// `NotSubscribed` if it is not live; `Unavailable` or `Internal` if Stripe fails.
    pub(super) async fn read(
        ctx: &Context,
        stripe: &Stripe,
        account: &StripeAccount,
    ) -> Result<Self> {
        let stored = stored_live(account)?;
        let customer = account.customer.clone().ok_or(Error::NotSubscribed)?;
        let found = stripe.retrieve_subscription(ctx, stored.id.as_str()).await?;
        let found = found.ok_or(Error::NotSubscribed)?;
        let status = SubscriptionStatus::parse(&found.status)?;
        if !status.is_live() || found.items.data.is_empty() {
            return Err(Error::NotSubscribed);
        }
        let price = found.items.data.first().map(|item| item.price.id.as_str());
        let plan = price.and_then(|price| stripe.prices().plan(price)).unwrap_or(stored.plan);
        let (organization_id, id) = (account.client_id.clone(), stored.id.clone());
        Ok(Self { organization_id, id, customer, plan, status, found })
    }

    /// Returns its item. Our subscriptions have one.
    ///
    /// # Errors
    /// `NotSubscribed` if Stripe returned none.
    pub(super) fn item(&self) -> Result<&SubscriptionItem> {
        self.found.items.data.first().ok_or(Error::NotSubscribed)
    }

    /// Checks that its plan can be changed.
    ///
    /// # Errors
    /// `SubscriptionPastDue` if a payment failed, `SubscriptionEnding` if it is canceled.
    pub(super) fn require_changeable(&self) -> Result<()> {
        if !self.status.has_quota() {
            return Err(Error::SubscriptionPastDue);
        }
        let is_ending = self.found.cancel_at_period_end || self.found.cancel_at.is_some();
        if is_ending { Err(Error::SubscriptionEnding) } else { Ok(()) }
    }

    /// Takes back a scheduled downgrade.
    ///
    /// # Errors
    /// `Conflict` if the schedule has changed at Stripe.
    pub(super) async fn release_schedule(&self, ctx: &Context, stripe: &Stripe) -> Attempt<()> {
        let Some(schedule) = &self.found.schedule else { return Ok(()) };
        stripe.release_schedule(ctx, &schedule.id).await?.ok_or(AttemptError::Conflict).map(|_| ())
    }

    /// Withdraws an upgrade that is not paid.
    ///
    /// # Errors
    /// `Conflict` if its invoice has changed at Stripe, for example because it was paid.
    pub(super) async fn withdraw_unpaid_change(
        &self,
        ctx: &Context,
        stripe: &Stripe,
    ) -> Attempt<()> {
        let invoice = self.found.latest_invoice.as_ref();
        let is_open = |invoice: &str| invoice == "open" || invoice == "draft";
        let unpaid = invoice
            .filter(|_| self.found.pending_update.is_some())
            .filter(|invoice| invoice.status.as_deref().is_some_and(is_open));
        let Some(unpaid) = unpaid else { return Ok(()) };
        stripe.void_invoice(ctx, &unpaid.id).await?.ok_or(AttemptError::Conflict).map(|_| ())
    }
}

/// Returns the plan of a price that customers are offered.
///
/// # Errors
/// `Missing` if it is blank, `InvalidField` if it is not offered.
pub(super) fn offered_plan(stripe: &Stripe, price: &str) -> Result<Plan> {
    if price.trim().is_empty() {
        return Err(Error::missing("price_id"));
    }
    let prices = stripe.prices();
    let plan = prices.plan(price).filter(|plan| prices.offered(*plan) == Some(price));
    plan.ok_or_else(|| Error::invalid_field("price_id", "not a price that is offered"))
}
