//! The list of plans.

use serde::Serialize;
use utoipa::ToSchema;

use super::Plan;
use crate::stripe::Stripe;

/// The list of plans.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Plans)]
pub struct PlansView {
    /// The plans, from the smallest to the largest.
    pub data: Vec<PlanView>,
}

/// A plan. A limit of null is unlimited.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlanOffer)]
pub struct PlanView {
    /// The name of the plan.
    pub name: Plan,
    /// The price per month in cents of `currency`; null if it is agreed on individually.
    #[schema(required, example = 5000)]
    pub price: Option<u32>,
    /// The ISO 4217 code of the currency, which is `usd`.
    #[schema(example = "usd")]
    pub currency: &'static str,
    /// The `price_id` to subscribe with; null if the plan has no checkout.
    #[schema(required, example = "price_1PgafmB7WZ01zgkW6dKueIc5")]
    pub price_id: Option<String>,
    /// Credits per month; on the free plan once, for the default organization only.
    #[schema(example = 5000)]
    pub credits: u32,
    /// The maximum number of projects of an organization.
    #[schema(required, example = 10)]
    pub projects: Option<u32>,
    /// The maximum number of members and open invitations of an organization.
    #[schema(required, example = 3)]
    pub members: Option<u32>,
    /// The maximum size of all stored files of an organization in GiB. Equal contents count once.
    #[schema(required, example = 50)]
    pub storage_gib: Option<u32>,
    /// The maximum number of stored files of an organization. Equal contents count once.
    #[schema(required, example = 20000)]
    pub stored_files: Option<u32>,
    /// The number of days that the activity log is shown.
    #[schema(required, example = 30)]
    pub activity_days: Option<u64>,
    /// Whether the activity log can be exported as CSV.
    pub activity_csv: bool,
}

const DAY: u64 = 24 * 60 * 60;

/// Returns the list of plans, without a round trip.
pub fn list_plans(stripe: &Stripe) -> PlansView {
    let offer = |plan: Plan| {
        let limits = plan.limits();
        PlanView {
            name: plan,
            price: plan.price(),
            currency: "usd",
            price_id: stripe.prices().offered(plan).map(str::to_owned),
            credits: limits.credits,
            projects: limits.projects,
            members: limits.members,
            storage_gib: limits.storage_gib,
            stored_files: limits.contents,
            activity_days: limits.activity.map(|shown| shown.as_secs() / DAY),
            activity_csv: limits.activity_csv,
        }
    };
    PlansView { data: Plan::ALL.map(offer).to_vec() }
}
