//! The card of the credits: the balance, its two parts, and how long it lasts.

use shared::billing::daily_usage::DailyUsage;
use shared::billing::read_credits::CreditsView;
use shared::credits::Credits;

use crate::organizations::quota_end_text;
use crate::pages::{Frame, Loaded, credits_number, credits_text};

/// Fewest days with usage behind them that tell a pace.
const MIN_PACE_DAYS: usize = 3;

/// The card of the credits.
pub(super) struct CreditsCard {
    pub(super) balance: String,
    pub(super) quota_used: String,
    pub(super) quota: String,
    pub(super) quota_percent: u64,
    pub(super) has_quota: bool,
    /// What happens at the end of the quota's period.
    pub(super) quota_end: Option<String>,
    pub(super) top_ups: String,
    /// The share of the balance that was bought, in percent.
    pub(super) top_up_percent: u64,
    /// Whether spent credits were refunded or disputed, so that the balance has to be paid first.
    pub(super) is_debt: bool,
    /// How long the balance lasts.
    pub(super) pace: Option<String>,
}

impl CreditsCard {
    /// Describes the credits of an organization. `days` is the usage of the last days.
    pub(super) fn new(
        frame: &Frame,
        credits: &CreditsView,
        days: &Loaded<Vec<DailyUsage>>,
    ) -> Self {
        let quota = &credits.quota;
        let whole = credits.quota.remaining.plus(credits.topup_balance);
        Self {
            balance: credits_text(credits.balance),
            quota_used: credits_number(quota.used),
            quota: credits_text(quota.monthly),
            quota_percent: percent(quota.used, quota.monthly),
            has_quota: quota.monthly.micros() > 0,
            quota_end: quota_end_text(frame, quota),
            top_ups: credits_text(credits.topup_balance),
            top_up_percent: percent(credits.topup_balance, whole).min(100),
            is_debt: credits.topup_balance.micros() < 0,
            pace: match days {
                Loaded::Ready(days) => pace_text(credits.balance, days),
                Loaded::Unavailable(message) => Some(message.clone()),
            },
        }
    }
}

/// Returns a share in percent, rounded down; 0 of nothing.
fn percent(part: Credits, whole: Credits) -> u64 {
    let percent = (i128::from(part.micros()) * 100).checked_div(whole.micros().into());
    percent.and_then(|percent| u64::try_from(percent).ok()).unwrap_or_default()
}

/// Returns how long a balance lasts if as much is spent each day as since the first day with usage.
fn pace_text(balance: Credits, days: &[DailyUsage]) -> Option<String> {
    let first = days.iter().position(|day| day.credits.micros() > 0)?;
    let days = &days[first..];
    let spent: i128 = days.iter().map(|day| i128::from(day.credits.micros())).sum();
    let left = i128::from(balance.micros());
    if days.len() < MIN_PACE_DAYS || spent <= 0 || left <= 0 {
        return None;
    }
    let count = i128::try_from(days.len()).ok()?;
    Some(match left * count / spent {
        0 => "At this pace the balance is used up within a day.".to_owned(),
        1 => "At this pace the balance lasts 1 day.".to_owned(),
        lasts @ 2..=730 => format!("At this pace the balance lasts {lasts} days."),
        _ => "At this pace the balance lasts over two years.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use shared::clock::Timestamp;

    use super::*;

    fn pace(balance: u32, spent: &[u32]) -> Option<String> {
        let day = |credits: &u32| DailyUsage {
            day: Timestamp::from_seconds(0),
            credits: Credits::whole(*credits),
        };
        pace_text(Credits::whole(balance), &spent.iter().map(day).collect::<Vec<_>>())
    }

    #[test]
    fn the_pace_counts_from_the_first_day_with_usage() {
        assert_eq!(pace(100, &[0, 0]), None);
        assert_eq!(pace(0, &[10, 10, 10]), None);
        assert_eq!(pace(100, &[0, 10, 10]), None);
        assert_eq!(pace(100, &[0, 10, 10, 10]).unwrap(), "At this pace the balance lasts 10 days.");
        assert_eq!(pace(100, &[10, 0, 5, 5]).unwrap(), "At this pace the balance lasts 20 days.");
        assert_eq!(
            pace(5, &[10, 10, 10]).unwrap(),
            "At this pace the balance is used up within a day."
        );
    }

    #[test]
    fn shares_are_rounded_down() {
        let of = |part, whole| percent(Credits::whole(part), Credits::whole(whole));
        assert_eq!((of(1, 3), of(3, 3), of(0, 0)), (33, 100, 0));
        assert_eq!(percent(Credits::whole(5).negated(), Credits::whole(5)), 0);
    }
}
