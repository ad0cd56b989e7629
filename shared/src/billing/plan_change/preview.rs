//! Previews a change of plan.

use super::live_subscription::{LiveSubscription, Owner, offered_plan};
use super::{PlanChangePreview, PlanDirection};
use crate::billing::upgrade_credits::upgrade_credits;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::stripe::Stripe;
use crate::stripe::subscriptions::PriceChange;

/// Returns what a change to the plan of `price` costs now and when it takes effect. Changes nothing.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `InvalidField` if the price is not offered, `NotSubscribed` if there is no live subscription.
/// - `SubscriptionPastDue` if the current period is not paid, `SubscriptionEnding` if the subscription is canceled.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn preview_plan_change(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    price: &str,
) -> Result<PlanChangePreview> {
    let owner = Owner::authorize(ctx, caller, organization_id).await?;
    let plan = offered_plan(stripe, price)?;
    owner.begin(ctx, stripe).await?;
    owner.require_paid_period(ctx, stripe).await?;
    let live = LiveSubscription::read(ctx, stripe, &owner.state.account).await?;
    live.require_changeable()?;
    let item = live.item()?;
    let current_period_end = Timestamp::from_seconds(item.current_period_end);
    let direction = PlanDirection::between(live.plan, plan);
    let agreed_credits = owner.authorized.organization.agreed_credits(plan);
    let free = PlanChangePreview {
        org_id: organization_id.clone(),
        plan_name: live.plan,
        new_plan_name: plan,
        direction,
        amount_due_now: 0,
        currency: "usd".to_owned(),
        effective_at: ctx.now(),
        quota_credits_now: Credits::default(),
        monthly_quota_credits: agreed_credits.unwrap_or(plan.limits().credits),
        monthly_price: plan.price(),
        current_period_end,
    };
    Ok(match direction {
        PlanDirection::Unchanged => free,
        PlanDirection::Downgrade => PlanChangePreview { effective_at: current_period_end, ..free },
        PlanDirection::Upgrade => {
            let change = PriceChange { subscription: live.id.as_str(), item: &item.id, price };
            let invoice = stripe.preview_upgrade(ctx, change).await?;
            PlanChangePreview {
                amount_due_now: invoice.amount_due,
                quota_credits_now: upgrade_credits(stripe, &invoice)
                    .map_or_else(Credits::default, |(_, credits)| credits),
                currency: invoice.currency,
                ..free
            }
        }
    })
}
