//! Amounts of credits: exact to the millionth, and never floating point.

use std::fmt;
use std::iter;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Digits behind the point.
const PLACES: usize = 6;

/// Millionths in one credit.
const MICROS: i64 = 1_000_000;

/// An amount of credits, in millionths; 9 × 10¹² credits at most.
///
/// In JSON a number with at most six places. Stored as the whole number of millionths: [`micros`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Credits(i64);

impl Credits {
    /// So many millionths.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// So many whole ones.
    pub const fn whole(credits: u32) -> Self {
        // Fits: a u32 times a million is less than 2^52.
        Self(credits as i64 * MICROS)
    }

    /// How many millionths.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Both together. For amounts that were added before; see [`Credits::checked_add`].
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of this without the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// As much, the other way.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// Both together; `None` beyond all amounts.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// Reads a number as JSON writes it, `12.5` and `5e-05` too; `None` for what is none, has more than
    /// six places, or is too large.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, number) = match text.strip_prefix('-') {
            Some(number) => (-1, number),
            None => (1, text),
        };
        let (number, exponent) = match number.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i16>().ok()?),
            None => (number, 0),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction),
            None => (number, ""),
        };
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let zero_in_front = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || zero_in_front || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        // All digits as one whole number, and how many zeros make millionths of it.
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self(0));
        }
        let places = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
        let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
        let zeros = i64::try_from(PLACES).ok()? - places + dropped;
        let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros < 19)?;
        let micros: String = significant.chars().chain(iter::repeat_n('0', zeros)).collect();
        micros.parse::<i64>().ok().map(|micros| Self(sign * micros))
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (whole, rest) = (micros / MICROS.unsigned_abs(), micros % MICROS.unsigned_abs());
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let places = format!("{rest:0>PLACES$}");
        write!(f, "{sign}{whole}.{}", places.trim_end_matches('0'))
    }
}

/// For answers in JSON alone: as the digits are, past any floating point.
impl Serialize for Credits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

/// From JSON alone, out of its text: to the last digit.
impl<'de> Deserialize<'de> for Credits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Box::<RawValue>::deserialize(deserializer)?;
        let rule = "must be a number with at most six decimal places";
        Self::parse(number.get()).ok_or_else(|| serde::de::Error::custom(rule))
    }
}

/// For records: `#[serde(with = "credits::micros")]`.
pub mod micros {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Credits;

    /// As millionths.
    pub fn serialize<S: Serializer>(credits: &Credits, serializer: S) -> Result<S::Ok, S::Error> {
        credits.0.serialize(serializer)
    }

    /// From millionths.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Credits, D::Error> {
        i64::deserialize(deserializer).map(Credits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_written_without_what_says_nothing() {
        for (micros, text) in [
            (0, "0"),
            (1, "0.000001"),
            (4_000, "0.004"),
            (-1_500_000, "-1.5"),
            (10_000_000, "10"),
            (i64::MAX, "9223372036854.775807"),
        ] {
            assert_eq!(Credits(micros).to_string(), text);
            assert_eq!(Credits::parse(text), Some(Credits(micros)));
            assert_eq!(serde_json::to_string(&Credits(micros)).unwrap(), text);
        }
    }

    #[test]
    fn numbers_are_read_as_json_writes_them() {
        for (text, micros) in [
            ("5e-05", 50),
            ("1E2", 100_000_000),
            ("1.50e+1", 15_000_000),
            ("0.0000010", 1),
            ("0e99", 0),
            ("-0", 0),
            ("1000e-9", 1),
        ] {
            assert_eq!(Credits::parse(text), Some(Credits(micros)), "{text}");
        }
        for bad in [
            "",
            "-",
            ".5",
            "5.",
            "01",
            "+1",
            "1,5",
            "1.0.0",
            "NaN",
            "1e",
            "0x1",
            " 1",
            "--1",
            "0.0000001",
            "1e-7",
            "9223372036854.775808",
            "1e13",
            "1e32768",
            "1e9999999999",
            "٣",
        ] {
            assert_eq!(Credits::parse(bad), None, "{bad}");
        }
    }

    /// float_money: a sum of many small amounts is what it is on paper.
    #[test]
    fn float_money_2500_times_0_004_is_10() {
        let one = Credits::parse("0.004").unwrap();
        let sum = (0..2_500).map(|_| one.micros()).sum();
        assert_eq!(Credits::from_micros(sum).to_string(), "10");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same_amount(micros in (i64::MIN + 1)..=i64::MAX) {
            let amount = Credits(micros);
            prop_assert_eq!(Credits::parse(&amount.to_string()), Some(amount));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(Credits::parse(&json), Some(amount));
        }

        #[test]
        fn any_text_is_read_or_not_without_trouble(text in "[-+0-9.eE]{0,24}") {
            if let Some(amount) = Credits::parse(&text) {
                // Whoever reads it as JSON sees a number there too.
                prop_assert!(serde_json::from_str::<serde_json::Number>(&text).is_ok());
                prop_assert_eq!(Credits::parse(&amount.to_string()), Some(amount));
            }
        }
    }
}
