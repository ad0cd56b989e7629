//! When a monthly subscription renews: on the day it began on, or the last of a shorter month.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// The first renewal after a moment, in seconds since 1970, of what began at `anchor`. `None` beyond the
/// end of the calendar.
pub(super) fn renewal(anchor: i64, after: i64) -> Option<i64> {
    let (start, now) = (utc(anchor)?, utc(after)?);
    let years = i32::from(now.year()) - i32::from(start.year());
    let months = years * 12 + i32::from(now.month()) - i32::from(start.month());
    // Counted from the anchor each time: counted from month to month, a 31st would become a 28th for good.
    let nth = |n: i32| Some(start.checked_add(Span::new().months(n)).ok()?.timestamp().as_second());
    (months..=months + 1).filter(|n| *n > 0).filter_map(nth).find(|moment| *moment > after)
}

fn utc(seconds: i64) -> Option<Zoned> {
    Some(Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn a_31st_comes_back_after_a_short_month() {
        let anchor = at("2026-01-31T10:00:00Z");
        let mut now = anchor;
        for expected in ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"] {
            now = renewal(anchor, now).unwrap();
            assert_eq!(now, at(&format!("{expected}T10:00:00Z")));
        }
    }

    #[test]
    fn leap_years_and_new_years() {
        let anchor = at("2027-12-30T23:59:59Z");
        assert_eq!(renewal(anchor, anchor), Some(at("2028-01-30T23:59:59Z")));
        assert_eq!(renewal(anchor, at("2028-02-01T00:00:00Z")), Some(at("2028-02-29T23:59:59Z")));
        assert_eq!(renewal(anchor, at("2028-02-29T23:59:59Z")), Some(at("2028-03-30T23:59:59Z")));
    }

    #[test]
    fn the_renewal_is_later_than_the_moment() {
        let anchor = at("2026-05-15T12:00:00Z");
        assert_eq!(renewal(anchor, at("2026-06-15T11:59:59Z")), Some(at("2026-06-15T12:00:00Z")));
        assert_eq!(renewal(anchor, at("2026-06-15T12:00:00Z")), Some(at("2026-07-15T12:00:00Z")));
    }
}
