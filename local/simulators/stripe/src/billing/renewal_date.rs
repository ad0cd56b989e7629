//! The dates on which monthly subscriptions renew.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// Returns the first renewal after a time, in seconds since 1970.
///
/// A subscription renews on the day of the month of its `anchor`, or on the last day of a shorter month.
/// Returns `None` beyond the end of the calendar.
pub(crate) fn next_renewal(anchor: i64, after: i64) -> Option<i64> {
    let (start, now) = (to_utc(anchor)?, to_utc(after)?);
    let years = i32::from(now.year()) - i32::from(start.year());
    let months = years * 12 + i32::from(now.month()) - i32::from(start.month());
    // Months are added to the anchor. Added to the last renewal, a 31st would become a 28th for good.
    let renewal = |months: i32| {
        Some(start.checked_add(Span::new().months(months)).ok()?.timestamp().as_second())
    };
    (months..=months + 1)
        .filter(|months| *months > 0)
        .filter_map(renewal)
        .find(|renewal| *renewal > after)
}

fn to_utc(seconds: i64) -> Option<Zoned> {
    Some(Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn renewal_returns_to_the_31st_after_a_short_month() {
        let anchor = seconds("2026-01-31T10:00:00Z");
        let mut now = anchor;
        for expected in ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"] {
            now = next_renewal(anchor, now).unwrap();
            assert_eq!(now, seconds(&format!("{expected}T10:00:00Z")));
        }
    }

    #[test]
    fn renewal_handles_leap_years_and_new_years() {
        let anchor = seconds("2027-12-30T23:59:59Z");
        let renewal = |after: &str| next_renewal(anchor, seconds(after));
        assert_eq!(renewal("2027-12-30T23:59:59Z"), Some(seconds("2028-01-30T23:59:59Z")));
        assert_eq!(renewal("2028-02-01T00:00:00Z"), Some(seconds("2028-02-29T23:59:59Z")));
        assert_eq!(renewal("2028-02-29T23:59:59Z"), Some(seconds("2028-03-30T23:59:59Z")));
    }

    #[test]
    fn renewal_is_later_than_the_given_time() {
        let anchor = seconds("2026-05-15T12:00:00Z");
        let renewal = |after: &str| next_renewal(anchor, seconds(after));
        assert_eq!(renewal("2026-06-15T11:59:59Z"), Some(seconds("2026-06-15T12:00:00Z")));
        assert_eq!(renewal("2026-06-15T12:00:00Z"), Some(seconds("2026-07-15T12:00:00Z")));
    }
}
