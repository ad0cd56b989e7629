//! The plans, for whoever wants to choose one.

use serde::Serialize;
use utoipa::ToSchema;

use super::Plan;
use crate::stripe::Stripe;

/// All plans.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Plans)]
pub struct PlansView {
    /// From the smallest to the largest.
    data: Vec<PlanView>,
}

/// A plan as it is offered. Null is without a limit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlanOffer)]
pub struct PlanView {
    /// Its name.
    name: Plan,
    /// What it costs each month, in cents of `currency`; null where that is agreed on.
    #[schema(required, example = 5000)]
    price: Option<u32>,
    /// Always `usd`.
    #[schema(example = "usd")]
    currency: &'static str,
    /// What to send as `price_id` to subscribe; null where it can't be subscribed to.
    #[schema(required, example = "price_1PgafmB7WZ01zgkW6dKueIc5")]
    price_id: Option<String>,
    /// Credits that come with it: each month, on the free plan once, for the default organization.
    #[schema(example = 5000)]
    credits: u32,
    /// Projects at a time.
    #[schema(required, example = 10)]
    projects: Option<u32>,
    /// Members at a time.
    #[schema(required, example = 3)]
    members: Option<u32>,
    /// Days that the activity log goes back.
    #[schema(required, example = 30)]
    activity_days: Option<u64>,
    /// Whether the activity log is to be had as CSV.
    activity_csv: bool,
}

const DAY: u64 = 24 * 60 * 60;

/// The plans. No round trip.
pub fn plans(stripe: &Stripe) -> PlansView {
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
            activity_days: limits.activity.map(|shown| shown.as_secs() / DAY),
            activity_csv: limits.activity_csv,
        }
    };
    PlansView { data: Plan::ALL.map(offer).to_vec() }
}
