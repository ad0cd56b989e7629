//! The usage of an organization, compared with its plan.

use serde::Serialize;
use utoipa::ToSchema;

use crate::artifacts::StorageUsage;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

use super::ledger::Balance;
use super::period_usage::PeriodUsage;
use super::quota::{UsagePeriod, current_quota};
use super::quota_end::QuotaEnd;
use super::stripe_account::StripeAccount;

/// The usage of an organization in the current period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct UsageView {
    /// The start of the period: that of the quota, or the calendar month (UTC) without a subscription.
    pub period_start: Timestamp,
    /// The end of the period, when the next one starts.
    pub period_end: Timestamp,
    /// What happens to the quota then, for pages; no part of the API.
    #[serde(skip)]
    pub quota_end: QuotaEnd,
    /// `projects`, `members`, `credits`, `runs`, `storage_bytes` and `stored_files`, in this order. New metrics may be
    /// appended.
    pub metrics: Vec<Metric>,
}

/// How much of one limit of its plan an organization uses.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Metric {
    /// The name: `projects`, `members`, `credits`, `runs`, `storage_bytes` or `stored_files`.
    #[schema(example = "projects")]
    pub name: &'static str,
    /// The usage: credits and runs in the period, everything else as of now. Requested uploads count as stored. Credits
    /// have up to six decimal places.
    #[schema(value_type = f64, example = 2)]
    pub used: Amount,
    /// The limit of the plan; null if unlimited.
    #[schema(required, value_type = Option<f64>, example = 3)]
    pub limit: Option<Amount>,
    /// `used` in percent of `limit`, rounded down. Over 100 if the organization exceeds its plan. Null without a limit
    /// or with a limit of 0.
    #[schema(required, example = 66)]
    pub percent: Option<u64>,
}

/// A count, or an amount of credits.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum Amount {
    /// A number of things, such as projects.
    Count(u64),
    /// An amount of credits.
    Credits(Credits),
}

impl Amount {
    /// Returns whether the amount is above zero.
    pub fn is_positive(self) -> bool {
        match self {
            Self::Count(count) => count > 0,
            Self::Credits(credits) => credits > Credits::default(),
        }
    }
}

impl Metric {
    fn count(name: &'static str, used: impl Into<u64>, limit: Option<impl Into<u64>>) -> Self {
        let (used, limit) = (used.into(), limit.map(Into::into));
        let percent = limit.and_then(|limit| percent(used.into(), limit.into()));
        Self { name, used: Amount::Count(used), limit: limit.map(Amount::Count), percent }
    }

    fn credits(name: &'static str, used: Credits, limit: Credits) -> Self {
        let percent = percent(used.micros().into(), limit.micros().into());
        Self { name, used: Amount::Credits(used), limit: Some(Amount::Credits(limit)), percent }
    }
}

/// Returns the percentage, rounded down; `None` if the limit is 0 or the usage negative.
fn percent(used: i128, limit: i128) -> Option<u64> {
    used.checked_mul(100)?.checked_div(limit)?.try_into().ok()
}

/// Reads the usage of an organization: in one round trip without a subscription, in two with one.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller may not see its usage.
pub async fn read_usage(ctx: &Context, caller: &Caller, id: &OrganizationId) -> Result<UsageView> {
    let now = ctx.now();
    let month = keys::period_usage(id, &now.month());
    let (storage, account) = (keys::storage_usage(id), keys::stripe_account(id));
    let extra_keys = [month.clone(), storage.clone(), account.clone(), keys::balance(id)];
    let (authorized, found) = authorize(ctx, caller, id, Right::ViewUsage, &extra_keys).await?;
    let balance: Option<Balance> = found.read(&extra_keys[3])?;
    let account: Option<StripeAccount> = found.read(&account)?;
    let account = account.unwrap_or_else(|| StripeAccount::new(id));
    let period = UsagePeriod::current(&account, now);
    let key = keys::period_usage(id, &period.name);
    let used: Option<PeriodUsage> =
        if key == month { found.read(&month)? } else { ctx.table.get(&key).await? };
    let (credits, runs) = used.map_or_else(Default::default, |used| (used.credits_used, used.runs));
    let not_counted_yet = balance.map(|balance| balance.spent_in(&period.name));
    let credits = credits.plus(not_counted_yet.unwrap_or_default());
    let stored: Option<StorageUsage> = found.read(&storage)?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    let (bytes, contents) =
        stored.map_or((0, 0), |stored| (count(stored.bytes), count(stored.contents)));
    let organization = &authorized.organization;
    let limits = organization.plan.limits();
    let metrics = vec![
        Metric::count("projects", organization.projects, limits.projects),
        Metric::count("members", organization.members, limits.members),
        Metric::credits("credits", credits, current_quota(organization, &account)),
        Metric::count("runs", runs, None::<u64>),
        Metric::count("storage_bytes", bytes, limits.storage_gib.map(|gib| u64::from(gib) << 30)),
        Metric::count("stored_files", contents, limits.contents),
    ];
    let quota_period = account.quota.as_ref().and_then(|quota| quota.period.as_ref());
    let quota_end =
        QuotaEnd::new(account.subscription.as_ref(), quota_period.map(|period| period.end), now);
    Ok(UsageView { period_start: period.start, period_end: period.end, quota_end, metrics })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_down() {
        let of = |used: &str, limit| {
            Metric::credits("", Credits::parse(used).unwrap(), Credits::whole(limit)).percent
        };
        assert_eq!(of("0", 1000), Some(0));
        assert_eq!(of("9.999999", 1000), Some(0));
        assert_eq!(of("10", 1000), Some(1));
        assert_eq!(of("999.999999", 1000), Some(99));
        assert_eq!(of("2500.5", 1000), Some(250));
        assert_eq!(of("9000000000000", 1), Some(900_000_000_000_000));
        assert_eq!(of("1", 0), None);
        // More credits were restored than spent.
        assert_eq!(of("-20", 1000), None);
        assert_eq!(Metric::count("", 4_u32, Some(3_u32)).percent, Some(133));
        assert_eq!(Metric::count("", 4_u32, None::<u64>).percent, None);
    }
}
