//! Changes of plan in API responses.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::billing::Plan;
use crate::billing::billing_state::BillingState;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;

/// How a plan compares with the one that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanDirection {
    /// A larger plan. It is invoiced at once.
    Upgrade,
    /// A smaller plan. It begins with the next period.
    Downgrade,
    /// The plan that is in force.
    Unchanged,
}

/// What a change of plan costs and when it takes effect.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanChangePreview {
    /// The id of the organization that has the subscription.
    #[schema(value_type = String, example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub org_id: OrganizationId,
    /// The plan that is in force now.
    pub plan_name: Plan,
    /// The plan after the change.
    pub new_plan_name: Plan,
    /// `upgrade`, `downgrade` or `unchanged`.
    pub direction: PlanDirection,
    /// The amount to pay now, in the currency's smallest unit. For an upgrade it is the difference in price for the
    /// rest of the period, less what the customer has as a balance. 0 for a downgrade.
    #[schema(example = 7_500)]
    pub amount_due_now: i64,
    /// The ISO 4217 currency code in lower case.
    #[schema(example = "usd")]
    pub currency: String,
    /// When the new plan takes effect: for an upgrade now, as soon as it is paid; for a downgrade the end of the
    /// period.
    pub effective_at: Timestamp,
    /// The credits that are added to the quota when the upgrade is paid, for the rest of the period. 0 for a downgrade,
    /// which leaves the quota of the period as it is.
    #[schema(value_type = f64, example = 7_500)]
    pub quota_credits_now: Credits,
    /// The credits per month of the new plan, or those that are agreed on, from the next period on.
    #[schema(example = 20_000)]
    pub monthly_quota_credits: u32,
    /// The price per month of the new plan in the currency's smallest unit, from the next period on; null if it is
    /// agreed on individually.
    #[schema(required, example = 20_000)]
    pub monthly_price: Option<u32>,
    /// The end of the current period, when the next invoice is created.
    pub current_period_end: Timestamp,
}

/// How far a change of plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeStatus {
    /// The new plan is in force.
    Applied,
    /// The new plan takes effect when its invoice is paid. The payment failed, needs a confirmation by the customer, or
    /// is with the bank.
    AwaitingPayment,
    /// The new plan takes effect at the end of the period.
    Scheduled,
}

/// The result of a change of plan.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanChange)]
pub struct PlanChangeView {
    /// The id of the organization that has the subscription.
    #[schema(value_type = String, example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub org_id: OrganizationId,
    /// The plan that is in force now.
    pub plan_name: Plan,
    /// The plan after the change.
    pub new_plan_name: Plan,
    /// `applied`, `awaiting_payment` or `scheduled`.
    pub status: ChangeStatus,
    /// When the new plan takes effect or took effect; null while its payment is awaited.
    #[schema(required)]
    pub effective_at: Option<Timestamp>,
    /// The page of the invoice at Stripe, to pay or confirm it; null unless the payment is awaited.
    #[schema(required)]
    pub payment_url: Option<String>,
}

impl PlanDirection {
    /// Compares the plan `new` with the plan in force.
    pub(super) fn between(in_force: Plan, new: Plan) -> Self {
        match new.cmp(&in_force) {
            Ordering::Greater => Self::Upgrade,
            Ordering::Less => Self::Downgrade,
            Ordering::Equal => Self::Unchanged,
        }
    }
}

impl PlanChangeView {
    /// Describes a change to the plan `new` by the state after it.
    ///
    /// # Errors
    /// `NotFound` if the organization was deleted meanwhile.
    pub(super) fn new(ctx: &Context, state: &BillingState, new: Plan) -> Result<Self> {
        let organization = state.organization.as_ref().ok_or(Error::NotFound)?;
        let subscription = state.account.subscription.as_ref();
        let unpaid = subscription.and_then(|subscription| subscription.unpaid_change.as_ref());
        let scheduled =
            subscription.and_then(|subscription| subscription.scheduled_change.as_ref());
        let (status, effective_at, payment_url) = match (unpaid, scheduled) {
            (Some(unpaid), _) if unpaid.plan_name == new => {
                (ChangeStatus::AwaitingPayment, None, unpaid.payment_url.clone())
            }
            (_, Some(scheduled)) if scheduled.plan_name == new => {
                (ChangeStatus::Scheduled, Some(scheduled.effective_at), None)
            }
            _ => (ChangeStatus::Applied, Some(ctx.now()), None),
        };
        Ok(Self {
            org_id: organization.id.clone(),
            plan_name: organization.plan,
            new_plan_name: new,
            status,
            effective_at,
            payment_url,
        })
    }
}
