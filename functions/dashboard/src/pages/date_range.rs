//! The period that a page's filter names, in the time zone of the person.

use std::time::Duration;

use jiff::civil::Date;
use shared::clock::Timestamp;
use shared::error::{Error, Result};
use shared::values::Timezone;

use super::PageQuery;

/// A period of whole days, as the query parameters `from` and `to` name it (`2026-11-21`), both inclusive.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DateRange {
    from: Option<Date>,
    to: Option<Date>,
}

impl DateRange {
    /// Reads the period from a page's query.
    ///
    /// # Errors
    /// `InvalidField` if a day is malformed, or `from` is after `to`.
    pub(crate) fn parse(query: &PageQuery) -> Result<Self> {
        Self::new(query.optional("from"), query.optional("to"))
    }

    fn new(from: Option<&str>, to: Option<&str>) -> Result<Self> {
        let day = |name: &str, text: &str| {
            let invalid = || Error::invalid_field(name, "the day must be written as 2026-11-21");
            text.parse::<Date>().map_err(|_| invalid())
        };
        let from = from.map(|text| day("from", text)).transpose()?;
        let to = to.map(|text| day("to", text)).transpose()?;
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(Error::invalid_field("from", "the first day must not be after the last"));
        }
        Ok(Self { from, to })
    }

    /// Returns whether the period is unlimited.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// Returns the beginning, inclusive, and the end, exclusive, in a time zone.
    pub(crate) fn bounds(&self, zone: &Timezone) -> (Option<Timestamp>, Option<Timestamp>) {
        let beginning = |day: Date| {
            let zoned = day.to_zoned(zone.rules()).ok()?;
            Some(Timestamp::from_seconds(zoned.timestamp().as_second()))
        };
        let next = |day: Date| day.checked_add(Duration::from_secs(24 * 60 * 60)).ok();
        (self.from.and_then(beginning), self.to.and_then(next).and_then(beginning))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_includes_its_last_day() {
        let range = DateRange::new(Some("2026-11-21"), Some("2026-11-21")).unwrap();
        let (from, to) = range.bounds(&Timezone::parse("Europe/Berlin").unwrap());
        assert_eq!(from.unwrap().rfc3339(), "2026-11-20T23:00:00Z");
        assert_eq!(to.unwrap().rfc3339(), "2026-11-21T23:00:00Z");
        assert!(!range.is_unlimited());
    }

    #[test]
    fn malformed_days_are_refused() {
        assert!(DateRange::new(Some("yesterday"), None).is_err());
        assert!(DateRange::new(Some("2026-11-22"), Some("2026-11-21")).is_err());
        assert!(DateRange::new(None, None).unwrap().is_unlimited());
    }
}
