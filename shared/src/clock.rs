//! Time. Operations use the context's clock, which the local stack and the tests can move.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A moment in whole seconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = i64, example = 1717123456)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Creates a timestamp from whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Returns whole seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Returns this moment moved forward. Saturates at the bounds.
    #[must_use]
    pub const fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(by.as_secs()))
    }

    /// Returns this moment moved back. Saturates at the bounds.
    #[must_use]
    pub const fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(by.as_secs()))
    }

    /// Returns whole seconds from `self` until `later`, or zero if `later` is in the past.
    pub const fn seconds_until(self, later: Self) -> u64 {
        let left = later.0.saturating_sub(self.0);
        if left > 0 { left.unsigned_abs() } else { 0 }
    }

    /// Returns year and month in UTC as `yyyymm`, for partitions by month.
    pub fn month(self) -> String {
        self.format("%Y%m")
    }

    /// Returns the date in UTC as `yyyymmdd`.
    pub fn day(self) -> String {
        self.format("%Y%m%d")
    }

    /// Returns the first second of this moment's month in UTC, and of the month after it.
    pub fn month_bounds(self) -> (Self, Self) {
        let first = self.in_utc().to_zoned(TimeZone::UTC).date().first_of_month();
        let begin = |day: jiff::civil::Date| {
            let midnight = day.to_zoned(TimeZone::UTC);
            midnight.map_or(self, |midnight| Self(midnight.timestamp().as_second()))
        };
        (begin(first), first.checked_add(1.month()).map_or(self, begin))
    }

    /// Formats the moment for machines and spreadsheets (RFC 3339): `2026-11-21T18:52:03Z`.
    pub fn rfc3339(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// Parses a moment in the format of RFC 3339, without its fraction of a second: `2017-08-05T00:40:02.012Z`.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse().ok().map(|at: jiff::Timestamp| Self(at.as_second()))
    }

    /// Returns the months from this moment back to `earlier`, in the format of [`Timestamp::month`].
    pub fn months_back_to(self, earlier: Self) -> Vec<String> {
        let month = |at: Self| at.in_utc().to_zoned(TimeZone::UTC).date().first_of_month();
        let (newest, oldest) = (month(self), month(earlier));
        let months = newest.series(-1.month()).take_while(|month| *month >= oldest);
        months.map(|month| month.strftime("%Y%m").to_string()).collect()
    }

    fn format(self, format: &str) -> String {
        self.in_utc().strftime(format).to_string()
    }

    /// Returns the moment for calculations with calendars.
    pub fn in_utc(self) -> jiff::Timestamp {
        // Seconds beyond the year 9999 are out of range and fall back to the epoch. The service stores
        // no such times.
        jiff::Timestamp::from_second(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// Returns the current time, to the second.
    fn now(&self) -> Timestamp;

    /// Returns the current time with the microseconds of its second. A clock that has none returns zero.
    fn now_with_micros(&self) -> (Timestamp, u32) {
        (self.now(), 0)
    }
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.now_with_micros().0
    }

    fn now_with_micros(&self) -> (Timestamp, u32) {
        #[allow(clippy::disallowed_methods)] // The only place that reads the system clock.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
        (Timestamp(seconds), since_epoch.subsec_micros())
    }
}

/// Measures a duration, for logs and for the time budget of an invocation. It does not follow the movable
/// clock of the local stack, so rules never depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts the measurement.
    #[allow(clippy::disallowed_methods)] // the one place that measures
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Returns the time since the start in milliseconds, with a fraction.
    pub fn milliseconds(self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_in_utc() {
        let end_of_month = Timestamp::from_seconds(1_717_199_999);
        assert_eq!(end_of_month.month(), "202405");
        assert_eq!(end_of_month.plus(Duration::from_secs(1)).month(), "202406");
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        // December 2023, the February of a leap year, and a month of 31 days.
        for (start, end) in [
            (1_701_388_800, 1_704_067_200),
            (1_706_745_600, 1_709_251_200),
            (1_709_251_200, 1_711_929_600),
        ] {
            let bounds = (Timestamp::from_seconds(start), Timestamp::from_seconds(end));
            for moment in [start, start + 1_000_000, end - 1] {
                assert_eq!(Timestamp::from_seconds(moment).month_bounds(), bounds);
            }
        }
        assert_eq!(Timestamp::from_seconds(1_709_251_199).rfc3339(), "2024-02-29T23:59:59Z");
    }

    #[test]
    fn months_back_cross_the_year_and_start_on_any_day() {
        // 31 March 2024 and 1 February 2025, in the last and the first second of their days.
        let march = Timestamp::from_seconds(1_711_929_599);
        let february = Timestamp::from_seconds(1_738_368_000);
        let months = february.months_back_to(march);
        assert_eq!(months.len(), 12);
        assert_eq!(months[..3], ["202502", "202501", "202412"]);
        assert_eq!(months[11], "202403");
        assert_eq!(march.months_back_to(march), ["202403"]);
        assert!(march.months_back_to(february).is_empty());
    }

    #[test]
    fn seconds_until_a_past_moment_are_zero() {
        let now = Timestamp::from_seconds(100);
        assert_eq!(now.seconds_until(Timestamp::from_seconds(160)), 60);
        assert_eq!(now.seconds_until(Timestamp::from_seconds(40)), 0);
    }
}
