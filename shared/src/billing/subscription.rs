//! What an organization subscribed to.

use serde::Serialize;
use utoipa::ToSchema;

use super::account::{Account, authorize_billing};
use super::{Plan, usage};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::organizations::Organization;

/// A subscription as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionView {
    /// Whose: the organization's id.
    #[schema(value_type = String, example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    org_id: OrganizationId,
    /// The plan that counts now.
    plan_name: Plan,
    /// `active`, `trialing`, `past_due`, `unpaid`, `canceled`, `incomplete`, `incomplete_expired` or
    /// `paused`, as Stripe has them; `none` where there never was a subscription.
    #[schema(example = "active")]
    status: &'static str,
    /// Credits that come with the plan: each month, on the free plan once.
    #[schema(example = 5000)]
    monthly_quota_credits: u32,
    /// When the period began that is paid for; null without a subscription.
    #[schema(required)]
    current_period_start: Option<Timestamp>,
    /// When the next begins, or the subscription ends; null without one.
    #[schema(required)]
    current_period_end: Option<Timestamp>,
    /// Whether it ends then.
    cancel_at_period_end: bool,
}

impl SubscriptionView {
    fn of(organization: &Organization, account: &Account) -> Self {
        // Of one that is over nothing is left to say but that.
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
        }
    }
}

/// What the organization subscribed to, as Stripe last said: one read. [`crate::error::Error::NotFound`],
/// [`crate::error::Error::NoAccess`].
pub async fn subscription(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
) -> Result<SubscriptionView> {
    let (authorized, account) = authorize_billing(ctx, caller, organization_id).await?;
    Ok(SubscriptionView::of(&authorized.organization, &account))
}
