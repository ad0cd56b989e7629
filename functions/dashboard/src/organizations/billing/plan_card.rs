//! The card of the plan: the current one, and all plans side by side.

use shared::billing::Plan;
use shared::billing::list_plans::{PlanView, list_plans};
use shared::billing::read_subscription::SubscriptionView;
use shared::stripe::Stripe;

use crate::organizations::plan_label;
use crate::pages::{Frame, grouped, money_text};

/// The card of the plan.
pub(super) struct PlanCard {
    /// The name of the plan in force.
    pub(super) plan: &'static str,
    /// The status in words, if there is a subscription.
    pub(super) status: Option<&'static str>,
    /// The class of the status's badge.
    pub(super) badge: &'static str,
    /// Whether Stripe renews the subscription.
    pub(super) is_live: bool,
    /// Whether the subscription ends with its period.
    pub(super) is_ending: bool,
    /// Whether a smaller plan follows.
    pub(super) is_scheduled: bool,
    /// What happens next, such as "renews 29 Dec 2026".
    pub(super) next: Option<String>,
    /// The day on which the paid period ends, while the plan is paid.
    pub(super) paid_until: Option<String>,
    pub(super) offers: Vec<PlanOffer>,
}

/// A plan beside the others.
pub(super) struct PlanOffer {
    pub(super) name: &'static str,
    pub(super) price: String,
    pub(super) price_id: Option<String>,
    pub(super) is_current: bool,
    pub(super) is_free: bool,
    /// The day from which the plan is in force, if a change to it is scheduled.
    pub(super) starts: Option<String>,
    pub(super) features: Vec<Feature>,
}

/// What a plan includes.
pub(super) struct Feature {
    pub(super) text: String,
    /// Whether it differs from the current plan.
    pub(super) differs: bool,
}

impl PlanCard {
    /// Describes the plan of an organization.
    pub(super) fn new(frame: &Frame, stripe: &Stripe, subscription: &SubscriptionView) -> Self {
        let (status, badge) = match subscription.status.as_ref() {
            "active" | "trialing" => (Some("active"), "good"),
            "past_due" | "unpaid" => (Some("payment failed"), "bad"),
            "incomplete" => (Some("payment not finished"), "warn"),
            "paused" => (Some("paused"), "warn"),
            "canceled" | "incomplete_expired" => (Some("ended"), ""),
            _ => (None, ""),
        };
        let end = subscription.current_period_end.map(|end| frame.time(&end).day);
        let scheduled = subscription
            .scheduled_change
            .as_ref()
            .map(|change| (change.plan_name, frame.time(&change.effective_at).day));
        let is_ending = subscription.cancel_at_period_end;
        let next = match (&end, &scheduled) {
            (Some(_), _) if badge == "bad" => Some("payment failed".to_owned()),
            (Some(end), _) if is_ending => Some(format!("ends {end}")),
            (Some(_), Some((plan, day))) => {
                Some(format!("changes to {} on {day}", plan_label(plan)))
            }
            (Some(end), None) => Some(format!("renews {end}")),
            (None, _) => None,
        };
        Self {
            plan: plan_label(subscription.plan_name),
            status,
            badge,
            is_live: subscription.current_period_end.is_some(),
            is_ending,
            is_scheduled: scheduled.is_some(),
            next,
            paid_until: end.filter(|_| badge == "good"),
            offers: offers(stripe, subscription.plan_name, scheduled.as_ref()),
        }
    }
}

fn offers(stripe: &Stripe, current: Plan, scheduled: Option<&(Plan, String)>) -> Vec<PlanOffer> {
    let plans = list_plans(stripe).data;
    let of_current = plans.iter().find(|plan| plan.name == current).map(features);
    let offer = |plan: &PlanView| {
        let texts = features(plan);
        let features = texts.into_iter().enumerate().map(|(at, text)| {
            let differs = of_current.as_ref().is_some_and(|own| own.get(at) != Some(&text));
            Feature { text, differs }
        });
        PlanOffer {
            name: plan_label(plan.name),
            price: match plan.price {
                Some(0) => "$0".to_owned(),
                Some(cents) => format!("{} a month", money_text(cents.into())),
                None => "Agreed on individually".to_owned(),
            },
            price_id: plan.price_id.clone(),
            is_current: plan.name == current,
            is_free: plan.name == Plan::Free,
            starts: scheduled.filter(|(next, _)| *next == plan.name).map(|(_, day)| day.clone()),
            features: features.collect(),
        }
    };
    plans.iter().map(offer).collect()
}

/// Returns what a plan includes, in the same order for each plan.
fn features(plan: &PlanView) -> Vec<String> {
    let count = |limit: Option<u64>, one: &str, many: &str| match limit {
        None => format!("Unlimited {many}"),
        Some(1) => format!("1 {one}"),
        Some(limit) => format!("{} {many}", grouped(limit)),
    };
    let once = if plan.name == Plan::Free { "once for each account" } else { "a month" };
    vec![
        format!("{} credits {once}", grouped(plan.credits.into())),
        count(plan.projects.map(Into::into), "project", "projects"),
        count(plan.members.map(Into::into), "member", "members"),
        match plan.storage_gib {
            None => "Unlimited storage".to_owned(),
            Some(gib) => format!("{gib} GiB of storage"),
        },
        count(plan.stored_files.map(Into::into), "file", "files"),
        match plan.activity_days {
            None => "Activity without a time limit".to_owned(),
            Some(days) => format!("{days} days of activity"),
        },
        if plan.activity_csv { "Activity as CSV" } else { "No activity as CSV" }.to_owned(),
    ]
}
