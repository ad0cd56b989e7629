//! Reads the credits of an organization.

use serde::Serialize;
use utoipa::ToSchema;

use super::Plan;
use super::billing_state::BillingState;
use super::quota::granted_quota;
use super::quota_end::QuotaEnd;
use super::renew::renew_if_due;
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
use crate::stripe::Stripe;

/// The credits of an organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CreditBalance)]
pub struct CreditsView {
    /// The id of the organization that has the credits.
    #[schema(value_type = String, example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub org_id: OrganizationId,
    /// The plan of the organization.
    pub plan_name: Plan,
    /// The credits that can be spent, with up to six decimal places. Negative after a refund or a dispute
    /// of spent credits; nothing can be spent until it is paid.
    #[schema(value_type = f64, example = 5_450.5)]
    pub balance: Credits,
    /// The plan's quota, which is spent first.
    pub quota: QuotaView,
    /// The rest of the top-up credits. They do not expire. A debt is negative, and top-ups and the next quota pay it
    /// first.
    #[schema(value_type = f64, example = 500)]
    pub topup_balance: Credits,
}

/// The quota of a plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CreditQuota)]
pub struct QuotaView {
    /// The size of the quota: per month, on the free plan once.
    #[schema(value_type = f64, example = 5000)]
    pub monthly: Credits,
    /// The number of credits of the quota that were spent.
    #[schema(value_type = f64, example = 49.5)]
    pub used: Credits,
    /// The number of credits of the quota that can still be spent.
    #[schema(value_type = f64, example = 4_950.5)]
    pub remaining: Credits,
    /// When the next quota replaces it and the rest expires; null if there is no next quota.
    #[schema(required)]
    pub resets_at: Option<Timestamp>,
    /// What happens then, for pages; no part of the API.
    #[serde(skip)]
    pub end: QuotaEnd,
}

impl CreditsView {
    fn new(organization: &Organization, state: &BillingState, now: Timestamp) -> Self {
        let balance = &state.balance;
        let quota = granted_quota(organization, state);
        let used = balance.quota_granted().minus(balance.quota);
        let resets_at = balance.period().map(|period| period.end);
        Self {
            org_id: organization.id.clone(),
            plan_name: organization.plan,
            balance: balance.total(),
            quota: QuotaView {
                monthly: quota,
                used,
                remaining: balance.quota,
                resets_at,
                end: QuotaEnd::new(state.account.subscription.as_ref(), resets_at, now),
            },
            topup_balance: balance.topups,
        }
    }
}

/// Reads the credits in one round trip. The first call after the end of a period, before its webhook has arrived, asks
/// Stripe.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller may not see its credits.
pub async fn read_credits(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
) -> Result<CreditsView> {
    let extra_keys = [keys::stripe_account(organization_id), keys::balance(organization_id)];
    let right = Right::ViewCredits;
    let (authorized, found) = authorize(ctx, caller, organization_id, right, &extra_keys).await?;
    let state = BillingState::from_found(organization_id, &found)?;
    // The renewal may also change the plan.
    let state = renew_if_due(ctx, stripe, &state).await.unwrap_or(state);
    let organization = state.organization.as_ref().unwrap_or(&authorized.organization);
    Ok(CreditsView::new(organization, &state, ctx.now()))
}
