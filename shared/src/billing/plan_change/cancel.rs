//! Cancels a subscription at the end of its period.

use super::live_subscription::{LiveSubscription, Owner};
use super::record::finish;
use crate::activity::Action;
use crate::billing::read_subscription::SubscriptionView;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{AttemptError, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::stripe::Stripe;

/// Cancels a subscription at the end of its period. Takes back a scheduled downgrade and an unpaid upgrade. Does
/// nothing if it is canceled already.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `NotSubscribed` if there is no live subscription.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `Contention` if other changes of the subscription kept interfering.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn cancel_subscription(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
) -> Result<SubscriptionView> {
    let owner = Owner::authorize(ctx, caller, organization_id).await?;
    owner.begin(ctx, stripe).await?;
    let subscription = retry_conflicts(ctx, || async {
        let live = LiveSubscription::read(ctx, stripe, &owner.state.account).await?;
        live.withdraw_unpaid_change(ctx, stripe).await?;
        live.release_schedule(ctx, stripe).await?;
        if !live.found.cancel_at_period_end {
            let canceled = stripe.set_cancel_at_period_end(ctx, live.id.as_str(), true).await?;
            canceled.ok_or(AttemptError::Conflict)?;
        }
        Ok(live)
    })
    .await?;
    finish(ctx, stripe, &owner, &subscription, Action::SubscriptionCancelRequested).await
}
