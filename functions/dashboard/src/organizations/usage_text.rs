//! The usage of an organization in words and as a chart.

use shared::billing::daily_usage::DailyUsage;
use shared::billing::usage::{Amount, Metric};
use shared::credits::Credits;

use crate::pages::{Chart, ChartPoint, ChartTexts, TimeText, credits_text, grouped, size_text, time_zone};

/// A metric in words.
pub(crate) struct MetricText {
    pub(crate) label: &'static str,
    pub(crate) used: String,
    /// The limit, or an empty text.
    pub(crate) limit: String,
    pub(crate) percent: u64,
}

/// Returns a metric in words.
pub(crate) fn metric_text(metric: &Metric) -> MetricText {
    let label = match metric.name {
        "projects" => "Projects",
        "members" => "Members and open invitations",
        "credits" => "Credits in this period",
        "runs" => "Runs in this period",
        "storage_bytes" => "Storage",
        "stored_files" => "Stored files",
        other => other,
    };
    let words = |amount: Amount| match amount {
        Amount::Count(bytes) if metric.name == "storage_bytes" => size_text(bytes),
        Amount::Count(count) => grouped(count),
        Amount::Credits(credits) => credits_text(credits),
    };
    MetricText {
        label,
        used: words(metric.used),
        limit: metric.limit.map(words).unwrap_or_default(),
        percent: metric.percent.unwrap_or_default(),
    }
}

/// Draws the credits that were used on each day.
pub(crate) fn usage_chart(days: &[DailyUsage]) -> Chart {
    let micros = days.iter().map(|day| day.credits.micros()).fold(0, i64::saturating_add);
    let total = credits_text(Credits::from_micros(micros));
    let utc = time_zone(None);
    let point = |day: &DailyUsage| ChartPoint {
        label: TimeText::new(day.day, day.day, &utc).day,
        amount: day.credits.micros(),
        text: credits_text(day.credits),
    };
    let texts = ChartTexts {
        id: "daily-usage",
        title: format!("Credits used in the last {} days", days.len()),
        description: format!("One bar for each day (UTC). {total} in {} days. The table below has the numbers.", days.len()),
        label_header: "Day (UTC)",
        amount_header: "Used",
    };
    Chart::new(texts, days.iter().map(point).collect())
}
