//! Reads the subscription of an organization.

use serde::Serialize;
use utoipa::ToSchema;

use super::stored_subscription::{ScheduledChange, UnpaidChange};
use super::stripe_account::{StripeAccount, authorize_billing};
use super::{Plan, usage};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::organizations::Organization;

/// A subscription in an API response.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionView {
    /// The id of the organization that has the subscription.
    #[schema(value_type = String, example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    org_id: OrganizationId,
    /// The plan that is in force now.
    plan_name: Plan,
    /// `active`, `trialing`, `past_due`, `unpaid`, `canceled`, `incomplete`, `incomplete_expired` or
    /// `paused`, with Stripe's meaning; `none` if there never was a subscription.
    #[schema(example = "active")]
    status: &'static str,
    /// Credits per month; on the free plan once.
    #[schema(example = 5000)]
    monthly_quota_credits: u32,
    /// The start of the current period; null without a live subscription.
    #[schema(required)]
    current_period_start: Option<Timestamp>,
    /// The end of the current period; null without a live subscription.
    #[schema(required)]
    current_period_end: Option<Timestamp>,
    /// Whether the subscription ends with the current period.
    cancel_at_period_end: bool,
    /// A downgrade that takes effect at the end of the period; null if there is none.
    #[schema(required)]
    scheduled_change: Option<ScheduledChange>,
    /// An upgrade that takes effect when its invoice is paid; null if there is none.
    #[schema(required)]
    unpaid_change: Option<UnpaidChange>,
}

impl SubscriptionView {
    fn of(organization: &Organization, account: &StripeAccount) -> Self {
        // An ended subscription only shows its status.
        let subscription = account.subscription.as_ref();
        let live = subscription.filter(|subscription| subscription.status.is_live());
        Self {
            org_id: organization.id.clone(),
            plan_name: organization.plan,
            status: subscription.map_or("none", |subscription| subscription.status.as_str()),
            monthly_quota_credits: live
                .filter(|subscription| subscription.status.has_plan())
                .map_or_else(|| usage::monthly_credits(organization), |live| live.quota),
            current_period_start: live.map(|live| live.period_start),
            current_period_end: live.map(|live| live.period_end),
            cancel_at_period_end: live.is_some_and(|live| live.cancel_at_period_end),
            scheduled_change: live.and_then(|live| live.scheduled_change.clone()),
            unpaid_change: live.and_then(|live| live.unpaid_change.clone()),
        }
    }
}

/// Reads the subscription as Stripe last reported it, in one round trip.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
pub async fn read_subscription(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
) -> Result<SubscriptionView> {
    let (authorized, account) = authorize_billing(ctx, caller, organization_id).await?;
    Ok(SubscriptionView::of(&authorized.organization, &account))
}
