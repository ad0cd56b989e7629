//! Times as people read them.

use shared::clock::Timestamp;
use shared::values::Timezone;

/// A time in the forms that a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeText {
    /// The time in RFC 3339, for machines: `2026-11-21T18:52:03Z`.
    pub(crate) machine: String,
    /// The exact time and zone: `21 Nov 2026, 19:52 CET`.
    pub(crate) exact: String,
    /// The day: `21 Nov 2026`.
    pub(crate) day: String,
    /// The distance: `2 hours ago`.
    pub(crate) relative: String,
}

impl TimeText {
    /// Formats a time in a time zone.
    pub(crate) fn new(at: Timestamp, now: Timestamp, zone: &Timezone) -> Self {
        Self {
            machine: at.rfc3339(),
            exact: at.to_display(zone),
            day: at.in_utc().to_zoned(zone.rules()).strftime("%-d %b %Y").to_string(),
            relative: relative(at, now),
        }
    }
}

fn relative(at: Timestamp, now: Timestamp) -> String {
    let (seconds, is_past) = match at.seconds_until(now) {
        0 => (now.seconds_until(at), false),
        past => (past, true),
    };
    const UNITS: [(u64, &str); 5] = [
        (365 * 86_400, "year"),
        (30 * 86_400, "month"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
    ];
    // A period of 90 days is "in 90 days", and the seconds that have passed since it began take no day off.
    let units = if is_past || seconds >= 100 * 86_400 { &UNITS[..] } else { &UNITS[2..] };
    let seconds = if is_past || seconds < 60 { seconds } else { seconds.next_multiple_of(60) };
    let Some((length, unit)) = units.iter().find(|(length, _)| seconds >= *length) else {
        return if is_past || seconds == 0 {
            "just now".to_owned()
        } else {
            "in a moment".to_owned()
        };
    };
    let count = if is_past { seconds / length } else { (seconds + length / 2) / length };
    let plural = if count == 1 { "" } else { "s" };
    if is_past {
        format!("{count} {unit}{plural} ago")
    } else {
        format!("in {count} {unit}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_the_person_s_zone() {
        let at = Timestamp::from_seconds(1_795_287_123);
        let text = TimeText::new(
            at,
            Timestamp::from_seconds(1_795_287_123 + 7_300),
            &Timezone::parse("Europe/Berlin").unwrap(),
        );
        assert_eq!(text.exact, "21 Nov 2026, 19:52 CET");
        assert_eq!(text.machine, "2026-11-21T18:52:03Z");
        assert_eq!(text.relative, "2 hours ago");
        let in_utc = TimeText::new(at, at, &Timezone::default());
        assert_eq!(in_utc.exact, "21 Nov 2026, 18:52 UTC");
        let after_midnight = Timezone::parse("Asia/Tokyo").unwrap();
        assert_eq!(TimeText::new(at, at, &after_midnight).day, "22 Nov 2026");
    }

    #[test]
    fn distances_are_in_words() {
        let now = Timestamp::from_seconds(10_000_000);
        let at = |offset: i64| relative(Timestamp::from_seconds(10_000_000 + offset), now);
        assert_eq!(at(0), "just now");
        assert_eq!(at(-59), "just now");
        assert_eq!(at(-60), "1 minute ago");
        assert_eq!(at(3 * 86_400), "in 3 days");
        assert_eq!(at(90 * 86_400 - 30), "in 90 days");
        assert_eq!(at(7 * 86_400 - 3_600), "in 7 days");
        assert_eq!(at(365 * 86_400 - 60), "in 12 months");
        assert_eq!(at(50 * 60), "in 50 minutes");
        assert_eq!(at(30), "in a moment");
    }
}
