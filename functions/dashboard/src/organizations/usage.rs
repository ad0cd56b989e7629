//! `/account/organizations/{client_id}/usage`: each limit of the plan, and the credits by day.

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use shared::billing::daily_usage::{DailyUsage, read_daily_usage};
use shared::billing::quota_end::QuotaEnd;
use shared::billing::usage::{Amount, Metric, UsageView, read_usage};
use shared::context::Context;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::rights::Right;
use shared::values::Timezone;

use crate::filters;
use crate::pages::{
    Chart, ChartPoint, ChartTexts, ForPage, Frame, Loaded, NavigationItem, OrganizationPage,
    PageResult, TimeText, Visitor, credits_number, credits_text, grouped, html, size_text,
};

#[derive(Template)]
#[template(path = "organizations/usage.html")]
struct UsagePage<'a> {
    frame: &'a Frame,
    path: String,
    usage: Loaded<PeriodText>,
    chart: Loaded<Chart>,
}

/// The usage of a period in words.
struct PeriodText {
    start: TimeText,
    end: TimeText,
    /// What happens at the end of the period.
    reset: String,
    metrics: Vec<MetricText>,
}

/// A metric in words.
pub(crate) struct MetricText {
    pub(crate) label: &'static str,
    pub(crate) used: String,
    /// The limit, or an empty text.
    pub(crate) limit: String,
    pub(crate) percent: u64,
}

/// Shows the usage.
pub(crate) async fn usage_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    let item = NavigationItem::Organization(&organization, OrganizationPage::Usage);
    let (frame, usage, days) = tokio::join!(
        Frame::load(&ctx, &visitor, item),
        read_usage(&ctx, &visitor.caller, &organization),
        read_daily_usage(&ctx, &visitor.caller, &organization),
    );
    let frame = frame?;
    let usage = Loaded::new("The usage", usage)?.map(|usage| period_text(&frame, &usage));
    let chart = Loaded::new("The usage by day", days)?.map(|days| usage_chart(&days));
    let path = OrganizationPage::Usage.path(&organization);
    html(&UsagePage { frame: &frame, path, usage, chart })
}

/// Returns the credits by day as CSV.
pub(crate) async fn usage_csv(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    let days = read_daily_usage(&ctx, &visitor.caller, &organization).await?;
    // Days and numbers need no quotes, and no spreadsheet takes them for formulas.
    let line = |day: &DailyUsage| {
        format!("{},{}\r\n", &day.day.rfc3339()[..10], plain_number(day.credits.micros()))
    };
    let csv: String =
        std::iter::once("day,credits\r\n".to_owned()).chain(days.iter().map(line)).collect();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"credits-by-day.csv\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, csv).into_response())
}

/// Formats credits without commas and units: `12345.5`.
fn plain_number(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let (whole, fraction) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    let text = format!("{sign}{whole}.{fraction:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn period_text(frame: &Frame, usage: &UsageView) -> PeriodText {
    let end = frame.time(&usage.period_end);
    PeriodText {
        start: frame.time(&usage.period_start),
        reset: match usage.quota_end {
            QuotaEnd::Never => format!("counting starts anew on {}", end.day),
            QuotaEnd::Renewed => format!("credits and runs reset on {}", end.day),
            QuotaEnd::Canceled => format!("the quota ends on {}", end.day),
            QuotaEnd::Unpaid => "credits and runs reset when the open invoice is paid".to_owned(),
        },
        end,
        metrics: usage.metrics.iter().map(metric_text).collect(),
    }
}

/// Returns a metric in words.
pub(crate) fn metric_text(metric: &Metric) -> MetricText {
    let label = match metric.name {
        "projects" => "Projects",
        "members" => "Members",
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
    // Without a quota there is nothing to compare with.
    let limit = metric.limit.filter(|limit| limit.is_positive());
    let used = match metric.used {
        Amount::Credits(credits) if limit.is_some() => credits_number(credits),
        amount @ (Amount::Count(_) | Amount::Credits(_)) => words(amount),
    };
    MetricText {
        label,
        used,
        limit: limit.map(words).unwrap_or_default(),
        percent: metric.percent.unwrap_or_default(),
    }
}

/// Draws the credits that were used on each day.
pub(crate) fn usage_chart(days: &[DailyUsage]) -> Chart {
    let micros = days.iter().map(|day| day.credits.micros()).fold(0, i64::saturating_add);
    let total = credits_text(shared::credits::Credits::from_micros(micros));
    let utc = Timezone::default();
    let point = |day: &DailyUsage| ChartPoint {
        label: TimeText::new(day.day, day.day, &utc).day,
        amount: day.credits.micros(),
        text: credits_text(day.credits),
    };
    let texts = ChartTexts {
        id: "daily-usage",
        title: format!("Credits used in the last {} days", days.len()),
        description: format!(
            "One bar for each day (UTC). {total} in {} days. The table below has the numbers.",
            days.len()
        ),
        label_header: "Day (UTC)",
        amount_header: "Used",
    };
    Chart::new(texts, days.iter().map(point).collect())
}

impl UsagePage<'_> {
    /// Returns whether the person may change the plan.
    fn can_change_plan(&self) -> bool {
        self.frame.can(Right::ManageBilling)
    }

    /// Returns the billing page.
    fn billing_path(&self) -> String {
        self.path.replace("/usage", "/billing")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_csv_are_plain() {
        let texts = [0, 4_000, 12_345_500_000, -1_500_000, 10_000_000].map(plain_number);
        assert_eq!(texts, ["0", "0.004", "12345.5", "-1.5", "10"]);
    }
}
