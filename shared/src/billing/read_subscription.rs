//! Reads the subscription of an organization.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Plan;
use super::billing_state::BillingState;
use super::quota::granted_quota;
use super::stored_subscription::{ScheduledChange, UnpaidChange};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// A subscription in an API response.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionView {
    /// The id of the organization that has the subscription.
    #[schema(value_type = String, example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub org_id: OrganizationId,
    /// The plan that is in force now.
    pub plan_name: Plan,
    /// `active`, `trialing`, `past_due`, `unpaid`, `canceled`, `incomplete`, `incomplete_expired` or
    /// `paused`, with Stripe's meaning; `none` if there never was a subscription.
    #[schema(example = "active")]
    pub status: Cow<'static, str>,
    /// The size of the current quota: per month, on the free plan once.
    #[schema(value_type = f64, example = 5000)]
    pub monthly_quota_credits: Credits,
    /// The start of the current period; null without a live subscription.
    #[schema(required)]
    pub current_period_start: Option<Timestamp>,
    /// The end of the current period; null without a live subscription.
    #[schema(required)]
    pub current_period_end: Option<Timestamp>,
    /// Whether the subscription ends with the current period.
    pub cancel_at_period_end: bool,
    /// A downgrade that takes effect at the end of the period; null if there is none.
    #[schema(required)]
    pub scheduled_change: Option<ScheduledChange>,
    /// An upgrade that takes effect when its invoice is paid; null if there is none.
    #[schema(required)]
    pub unpaid_change: Option<UnpaidChange>,
}

impl SubscriptionView {
    /// Describes the subscription of an organization.
    pub(super) fn new(organization: &Organization, state: &BillingState) -> Self {
        let account = &state.account;
        // An ended subscription only shows its status.
        let subscription = account.subscription.as_ref();
        let live = subscription.filter(|subscription| subscription.status.is_live());
        Self {
            org_id: organization.id.clone(),
            plan_name: organization.plan,
            status: Cow::Borrowed(
                subscription.map_or("none", |subscription| subscription.status.as_str()),
            ),
            monthly_quota_credits: granted_quota(organization, state),
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
    let extra = [keys::stripe_account(organization_id), keys::balance(organization_id)];
    let right = Right::ManageBilling;
    let (authorized, found) = authorize(ctx, caller, organization_id, right, &extra).await?;
    let state = BillingState::from_found(organization_id, &found)?;
    Ok(SubscriptionView::new(&authorized.organization, &state))
}
