//! How much of its plan an organization uses.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::{self, Credits};
use crate::dynamo::{Key, Record, Update};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

use super::Plan;

/// What an organization used in one calendar month (UTC). Absent for a month in which it used nothing.
///
/// Whoever charges credits or begins a run counts it here, in the transaction of that.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MonthlyUsage {
    /// Whose.
    pub client_id: OrganizationId,
    /// Which month, as `yyyymm`.
    pub month: String,
    /// Credits that were charged, whether the plan's or topped up.
    #[serde(default, rename = "credits_used_micros", with = "credits::micros")]
    pub credits_used: Credits,
    /// Runs that were begun.
    #[serde(default)]
    pub runs: u64,
}

impl MonthlyUsage {
    /// Counts what was used at that moment.
    pub fn count(
        organization_id: &OrganizationId,
        at: Timestamp,
        used: Credits,
        runs: u32,
    ) -> Result<Update> {
        let month = at.month();
        Ok(Update::new(keys::usage(organization_id, &month))
            .set("client_id", organization_id)?
            .set("month", month)?
            .add("credits_used_micros", used.micros())
            .add("runs", i64::from(runs)))
    }
}

impl Record for MonthlyUsage {
    fn key(&self) -> Key {
        keys::usage(&self.client_id, &self.month)
    }
}

/// What an organization uses of what it may, in the calendar month (UTC) that it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct UsageView {
    /// When the month began.
    period_start: Timestamp,
    /// When the next begins.
    period_end: Timestamp,
    /// `projects`, `members`, `credits` and `runs`, in this order; new ones may come behind them.
    metrics: Vec<Metric>,
}

/// How much of one thing is used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Metric {
    /// Of what: `projects`, `members`, `credits`, `runs`.
    #[schema(example = "projects")]
    name: &'static str,
    /// How much. Of projects and members what there is now, of credits and runs what was used in the
    /// period; credits with up to six places.
    #[schema(value_type = f64, example = 2)]
    used: Amount,
    /// How much the plan allows; null where that is without a limit.
    #[schema(required, example = 3)]
    limit: Option<u32>,
    /// `used` in percent of `limit`, rounded down; over 100 where there is more than the plan (now)
    /// allows. Null without a limit, and of none.
    #[schema(required, example = 66)]
    percent: Option<u64>,
}

/// A number of things, or of credits.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
enum Amount {
    Things(u64),
    Credits(Credits),
}

impl Metric {
    fn things(name: &'static str, used: impl Into<u64>, limit: Option<u32>) -> Self {
        let used = used.into();
        let percent = limit.and_then(|limit| percent(used.into(), limit.into()));
        Self { name, used: Amount::Things(used), limit, percent }
    }

    fn credits(name: &'static str, used: Credits, limit: u32) -> Self {
        let allowed = i128::from(limit) * 1_000_000;
        let percent = percent(used.micros().into(), allowed);
        Self { name, used: Amount::Credits(used), limit: Some(limit), percent }
    }
}

/// Rounded down; `None` of nothing.
fn percent(used: i128, limit: i128) -> Option<u64> {
    used.checked_mul(100)?.checked_div(limit)?.try_into().ok()
}

/// What the organization uses: one read. [`crate::error::Error::NotFound`],
/// [`crate::error::Error::NoAccess`].
pub async fn usage(ctx: &Context, caller: &Caller, id: &OrganizationId) -> Result<UsageView> {
    let now = ctx.now();
    let key = keys::usage(id, &now.month());
    let also = [key.clone()];
    let (authorized, found) = authorize(ctx, caller, id, Right::SeeUsage, &also).await?;
    let used: Option<MonthlyUsage> = found.read(&key)?;
    let (credits, runs) = used.map_or_else(Default::default, |used| (used.credits_used, used.runs));
    let organization = &authorized.organization;
    let limits = organization.plan.limits();
    let (period_start, period_end) = now.month_bounds();
    let metrics = vec![
        Metric::things("projects", organization.projects, limits.projects),
        Metric::things("members", organization.members, limits.members),
        Metric::credits("credits", credits, monthly_credits(organization)),
        Metric::things("runs", runs, None),
    ];
    Ok(UsageView { period_start, period_end, metrics })
}

/// The credits that come with the plan: on the free one only for the organization that came with an
/// account.
pub(super) fn monthly_credits(organization: &Organization) -> u32 {
    match organization.plan {
        Plan::Free if !organization.is_default => 0,
        Plan::Free | Plan::Basic | Plan::Pro | Plan::Enterprise => {
            organization.plan.limits().credits
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_whole_and_rounded_down() {
        let of =
            |used: &str, limit| Metric::credits("", Credits::parse(used).unwrap(), limit).percent;
        assert_eq!(of("0", 1000), Some(0));
        assert_eq!(of("9.999999", 1000), Some(0));
        assert_eq!(of("10", 1000), Some(1));
        assert_eq!(of("999.999999", 1000), Some(99));
        assert_eq!(of("2500.5", 1000), Some(250));
        assert_eq!(of("9000000000000", 1), Some(900_000_000_000_000));
        assert_eq!(of("1", 0), None);
        // More came back than was used.
        assert_eq!(of("-20", 1000), None);
        assert_eq!(Metric::things("", 4_u32, Some(3)).percent, Some(133));
        assert_eq!(Metric::things("", 4_u32, None).percent, None);
    }
}
