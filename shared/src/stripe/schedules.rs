//! Schedules: changes of a subscription at a later time.
//! <https://docs.stripe.com/api/subscription_schedules>

use miniserde::Deserialize;
use stripe_billing::subscription_schedule::{
    CreateSubscriptionSchedule, ReleaseSubscriptionSchedule, UpdateSubscriptionSchedule,
    UpdateSubscriptionSchedulePhases, UpdateSubscriptionSchedulePhasesEndDate,
    UpdateSubscriptionSchedulePhasesItems, UpdateSubscriptionSchedulePhasesProrationBehavior,
    UpdateSubscriptionSchedulePhasesStartDate, UpdateSubscriptionScheduleProrationBehavior,
};
use stripe_shared::SubscriptionScheduleEndBehavior;

use super::Stripe;
use crate::context::Context;
use crate::error::Result;

/// How long the new price is scheduled for, in seconds. The schedule releases the subscription after that, which keeps
/// its price.
const SCHEDULED_SECONDS: i64 = 24 * 60 * 60;

/// A schedule, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripeSchedule {
    /// Id of the schedule, `sub_sched_…`.
    pub id: String,
    /// The status, such as `active` or `released`.
    pub status: String,
    /// The times of the current phase.
    pub current_phase: Option<CurrentPhase>,
    /// The phases, in the order of time.
    pub phases: Vec<SchedulePhase>,
}

/// The times of a schedule's current phase, in epoch seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct CurrentPhase {
    /// The start of the phase, in epoch seconds.
    pub start_date: i64,
    /// The end of the phase, in epoch seconds.
    pub end_date: i64,
}

/// A phase of a schedule.
#[derive(Debug, Deserialize)]
pub struct SchedulePhase {
    /// The start, in epoch seconds.
    pub start_date: i64,
    /// The items in the phase.
    pub items: Vec<PhaseItem>,
}

/// An item in a phase of a schedule.
#[derive(Debug, Deserialize)]
pub struct PhaseItem {
    /// Id of the price, `price_…`.
    pub price: String,
}

/// A price that replaces the current one at the end of the period.
#[derive(Clone, Copy, Debug)]
pub struct NextPrice<'a> {
    /// The id of the current price.
    pub current: &'a str,
    /// The id of the next price.
    pub next: &'a str,
    /// The number of units.
    pub quantity: u64,
    /// The end of the period, in epoch seconds.
    pub period_end: i64,
}

impl StripeSchedule {
    /// Returns the price of the next phase and its start in epoch seconds; `None` without one.
    pub fn next_price(&self) -> Option<(&str, i64)> {
        let current = self.current_phase.filter(|_| self.status == "active")?;
        let next = self.phases.iter().find(|phase| phase.start_date >= current.end_date)?;
        Some((next.items.first()?.price.as_str(), next.start_date))
    }
}

impl Stripe {
    /// Creates a schedule that manages a subscription and changes nothing yet. `None` if the state of the subscription
    /// does not allow it.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn create_schedule(
        &self,
        ctx: &Context,
        subscription: &str,
    ) -> Result<Option<StripeSchedule>> {
        let key = format!("schedule-{subscription}-{}", ctx.random.identifier());
        let create = CreateSubscriptionSchedule::new().from_subscription(subscription);
        self.write_if_allowed(ctx, &key, create).await
    }

    /// Schedules another price for the end of the period, without a proration. `None` if the state of the schedule does
    /// not allow it.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn schedule_price(
        &self,
        ctx: &Context,
        schedule: &StripeSchedule,
        prices: NextPrice<'_>,
    ) -> Result<Option<StripeSchedule>> {
        let NextPrice { current, next, quantity, period_end } = prices;
        let start = schedule.current_phase.map_or(period_end, |phase| phase.start_date);
        let phase = |price: &str, end: i64| {
            let mut item = UpdateSubscriptionSchedulePhasesItems::new();
            item.price = Some(price.to_owned());
            item.quantity = Some(quantity);
            let mut phase = UpdateSubscriptionSchedulePhases::new(vec![item]);
            phase.end_date = Some(UpdateSubscriptionSchedulePhasesEndDate::Timestamp(end));
            phase.proration_behavior =
                Some(UpdateSubscriptionSchedulePhasesProrationBehavior::None);
            phase
        };
        let mut first = phase(current, period_end);
        first.start_date = Some(UpdateSubscriptionSchedulePhasesStartDate::Timestamp(start));
        let update = UpdateSubscriptionSchedule::new(schedule.id.as_str())
            .end_behavior(SubscriptionScheduleEndBehavior::Release)
            .proration_behavior(UpdateSubscriptionScheduleProrationBehavior::None)
            .phases(vec![first, phase(next, period_end + SCHEDULED_SECONDS)]);
        let key = format!("phases-{}-{}", schedule.id, ctx.random.identifier());
        self.write_if_allowed(ctx, &key, update).await
    }

    /// Ends a schedule and keeps its subscription as it is. `None` if the state of the schedule does not allow it.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn release_schedule(
        &self,
        ctx: &Context,
        id: &str,
    ) -> Result<Option<StripeSchedule>> {
        let key = format!("release-{id}-{}", ctx.random.identifier());
        self.write_if_allowed(ctx, &key, ReleaseSubscriptionSchedule::new(id)).await
    }
}
