//! Amounts of credits as fixed-point numbers with six decimal places.

use std::fmt;
use std::iter;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

const DECIMAL_PLACES: usize = 6;

/// Millionths of a credit in one credit.
const MICROS_PER_CREDIT: i64 = 1_000_000;

/// An amount of credits, exact to a millionth. The maximum is 9 × 10¹² credits.
///
/// JSON has a number with at most six decimal places. Stored rows have the whole number of millionths ([`micros`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Credits(i64);

impl Credits {
    /// Creates an amount from millionths of a credit.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Creates an amount from whole credits.
    pub const fn whole(credits: u32) -> Self {
        // Cannot overflow: a u32 times a million is less than 2^52.
        Self(credits as i64 * MICROS_PER_CREDIT)
    }

    /// Returns the amount in millionths of a credit.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Adds two amounts, and saturates on overflow. Where an overflow is possible, use [`Credits::checked_add`].
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Subtracts an amount, and saturates on overflow.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Returns the amount with the opposite sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// Adds two amounts. Returns `None` on overflow.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// Parses a number in JSON's syntax, such as `12.5` or `5e-05`. Returns `None` if it is not a number, has more than
    /// six decimal places, or is too large.
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
        // Reads all digits as one whole number. Appending `zeros` zeros to it gives millionths.
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self(0));
        }
        let places = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
        let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
        let zeros = i64::try_from(DECIMAL_PLACES).ok()? - places + dropped;
        let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros < 19)?;
        let micros: String = significant.chars().chain(iter::repeat_n('0', zeros)).collect();
        micros.parse::<i64>().ok().map(|micros| Self(sign * micros))
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (whole, rest) =
            (micros / MICROS_PER_CREDIT.unsigned_abs(), micros % MICROS_PER_CREDIT.unsigned_abs());
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let places = format!("{rest:0>DECIMAL_PLACES$}");
        write!(f, "{sign}{whole}.{}", places.trim_end_matches('0'))
    }
}

/// Serializes the exact digits as a JSON number. Works with `serde_json` only.
impl Serialize for Credits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

/// Deserializes a JSON number from its text, without floating point. Works with `serde_json` only.
impl<'de> Deserialize<'de> for Credits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Box::<RawValue>::deserialize(deserializer)?;
        let rule = "must be a number with at most six decimal places";
        Self::parse(number.get()).ok_or_else(|| serde::de::Error::custom(rule))
    }
}

/// The form of amounts in stored rows, for `#[serde(with = "credits::micros")]`.
pub mod micros {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Credits;

    /// Serializes the amount as millionths.
    ///
    /// # Errors
    ///
    /// * The error of the serializer.
    pub fn serialize<S: Serializer>(credits: &Credits, serializer: S) -> Result<S::Ok, S::Error> {
        credits.0.serialize(serializer)
    }

    /// Deserializes an amount from millionths.
    ///
    /// # Errors
    ///
    /// * The error of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Credits, D::Error> {
        i64::deserialize(deserializer).map(Credits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_written_without_trailing_zeros() {
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
    fn numbers_are_parsed_in_json_syntax() {
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

    /// The sum of many small amounts is exact. Floating point would be off by rounding errors.
    #[test]
    fn float_money_2500_times_0_004_is_10() {
        let one = Credits::parse("0.004").unwrap();
        let sum = (0..2_500).map(|_| one.micros()).sum();
        assert_eq!(Credits::from_micros(sum).to_string(), "10");
    }

    proptest! {
        #[test]
        fn a_written_amount_parses_as_the_same_amount(micros in (i64::MIN + 1)..=i64::MAX) {
            let amount = Credits(micros);
            prop_assert_eq!(Credits::parse(&amount.to_string()), Some(amount));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(Credits::parse(&json), Some(amount));
        }

        #[test]
        fn every_parsed_text_is_a_json_number(text in "[-+0-9.eE]{0,24}") {
            if let Some(amount) = Credits::parse(&text) {
                prop_assert!(serde_json::from_str::<serde_json::Number>(&text).is_ok());
                prop_assert_eq!(Credits::parse(&amount.to_string()), Some(amount));
            }
        }
    }
}
