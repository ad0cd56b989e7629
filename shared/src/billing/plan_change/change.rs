//! Changes the plan of a subscription.

use super::live_subscription::{LiveSubscription, Owner, offered_plan};
use super::record::{ChangeRecord, reconcile_change};
use super::{PlanChangeView, PlanDirection};
use crate::activity::Action;
use crate::billing::Plan;
use crate::billing::stripe_account::StripeAccount;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::OrganizationId;
use crate::stripe::schedules::NextPrice;
use crate::stripe::subscriptions::PriceChange;
use crate::stripe::{Stripe, StripeId};

/// The types of payment methods that debit a bank account. Stripe cannot make an upgrade wait for them.
/// <https://docs.stripe.com/billing/subscriptions/pending-updates>
const BANK_DEBITS: [&str; 5] =
    ["acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account"];

/// Parameters for changing the plan of a subscription.
#[derive(Clone, Copy, Debug)]
pub struct PlanChangeParams<'a> {
    /// The id of the new price at Stripe.
    pub price: &'a str,
    /// The request's idempotency key.
    pub idempotency_key: &'a IdempotencyKey,
}

/// Changes the plan of a subscription. An upgrade is invoiced at once, for the rest of the period; its limits and
/// credits come when that is paid. A downgrade takes effect at the end of the period. A change replaces an earlier one
/// that has not taken effect. A change to the plan in force takes back a scheduled downgrade and an unpaid upgrade.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `InvalidField` if the price is not offered, `NotSubscribed` if there is no live subscription.
/// - `SubscriptionPastDue` if the current period is not paid, `SubscriptionEnding` if the subscription is canceled.
/// - `CardRequired` for an upgrade of a subscription that is not paid with a card.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `Contention` if other changes of the subscription kept interfering.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn change_plan(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    params: PlanChangeParams<'_>,
) -> Result<Replayable<PlanChangeView>> {
    let PlanChangeParams { price, idempotency_key } = params;
    let authorization = Owner::authorize(ctx, caller, organization_id);
    let (owner, stored) = tokio::join!(authorization, idempotency_key.replay(ctx));
    let owner = owner?;
    if let Some(stored) = stored? {
        return Ok(stored);
    }
    let plan = offered_plan(stripe, price)?;
    owner.begin(ctx, stripe).await?;
    owner.require_paid_period(ctx, stripe).await?;
    let change = Change { ctx, stripe, account: &owner.state.account, plan, price };
    let (subscription, invoice) = retry_conflicts(ctx, || change.apply()).await?;
    let requester = &caller.requester;
    let state = reconcile_change(ctx, stripe, requester, &subscription, invoice.as_ref()).await?;
    let view = PlanChangeView::new(ctx, &state, plan)?;
    let record = ChangeRecord {
        requester,
        owner: &owner.authorized,
        action: Action::PlanChangeRequested,
        subscription: &subscription.id,
        plan,
    };
    record.commit(ctx, idempotency_key, view).await
}

/// A change to a plan.
struct Change<'a> {
    ctx: &'a Context,
    stripe: &'a Stripe,
    account: &'a StripeAccount,
    plan: Plan,
    price: &'a str,
}

impl Change<'_> {
    /// Makes the change at Stripe. Returns the subscription, and the invoice of an upgrade.
    async fn apply(&self) -> Attempt<(LiveSubscription, Option<StripeId>)> {
        let Self { ctx, stripe, account, plan, .. } = *self;
        let live = LiveSubscription::read(ctx, stripe, account).await?;
        live.require_changeable()?;
        let invoice = match PlanDirection::between(live.plan, plan) {
            PlanDirection::Unchanged => {
                live.release_schedule(ctx, stripe).await?;
                live.withdraw_unpaid_change(ctx, stripe).await?;
                None
            }
            PlanDirection::Downgrade => {
                live.withdraw_unpaid_change(ctx, stripe).await?;
                self.schedule(&live).await?;
                None
            }
            PlanDirection::Upgrade => {
                require_card(ctx, stripe, &live).await?;
                live.release_schedule(ctx, stripe).await?;
                live.withdraw_unpaid_change(ctx, stripe).await?;
                self.upgrade(&live).await?
            }
        };
        Ok((live, invoice))
    }

    /// Schedules the price for the end of the period.
    async fn schedule(&self, live: &LiveSubscription) -> Attempt<()> {
        let Self { ctx, stripe, .. } = *self;
        let item = live.item()?;
        let prices = NextPrice {
            current: &item.price.id,
            next: self.price,
            quantity: item.quantity.unwrap_or(1),
            period_end: item.current_period_end,
        };
        let created = match &live.found.schedule {
            Some(_) => None,
            None => {
                let created = stripe.create_schedule(ctx, live.id.as_str()).await?;
                Some(created.ok_or(AttemptError::Conflict)?)
            }
        };
        let schedule = created.as_ref().or(live.found.schedule.as_ref());
        let schedule = schedule.ok_or(AttemptError::Conflict)?;
        let scheduled = stripe.schedule_price(ctx, schedule, prices).await?;
        scheduled.ok_or(AttemptError::Conflict).map(|_| ())
    }

    /// Invoices the price for the rest of the period. Returns the invoice.
    async fn upgrade(&self, live: &LiveSubscription) -> Attempt<Option<StripeId>> {
        let Self { ctx, stripe, price, .. } = *self;
        // Each upgrade makes a new invoice. So the key is the same for two requests at once, which Stripe executes
        // together once, and another one for an upgrade after this one.
        let latest = live.found.latest_invoice.as_ref().map_or("none", |invoice| &invoice.id);
        let id = live.id.as_str();
        let key = format!("upgrade-{id}-{latest}-{price}");
        let change = PriceChange { subscription: id, item: &live.item()?.id, price };
        let changed = stripe.upgrade_subscription(ctx, &key, change).await?;
        let changed = changed.ok_or(AttemptError::Conflict)?;
        Ok(changed.latest_invoice.as_deref().and_then(StripeId::parse))
    }
}

/// Checks that a subscription is paid with a card, or with another payment method that succeeds or fails at once.
async fn require_card(ctx: &Context, stripe: &Stripe, live: &LiveSubscription) -> Result<()> {
    if live.found.collection_method != "charge_automatically" {
        return Err(Error::CardRequired);
    }
    let own = live.found.default_payment_method.clone();
    let method = match own {
        Some(own) => Some(own),
        None => {
            let customer = stripe.retrieve_customer(ctx, live.customer.as_str()).await?;
            let settings = customer.and_then(|customer| customer.invoice_settings);
            settings.and_then(|settings| settings.default_payment_method)
        }
    };
    let method = method.ok_or(Error::CardRequired)?;
    let found = stripe.retrieve_payment_method(ctx, &method).await?;
    let is_prompt = found.is_some_and(|found| !BANK_DEBITS.contains(&found.kind.as_str()));
    if is_prompt { Ok(()) } else { Err(Error::CardRequired) }
}
