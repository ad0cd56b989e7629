//! Credits, money and sizes as people read them.

use shared::credits::Credits;
pub(crate) use shared::number_text::grouped;

/// The sign of negative numbers: a minus, which is as wide as a plus.
const MINUS: &str = "−";

/// Formats credits: `12,345.5 credits`.
pub(crate) fn credits_text(credits: Credits) -> String {
    let unit = if credits.micros() == 1_000_000 { "credit" } else { "credits" };
    format!("{} {unit}", credits_number(credits))
}

/// Formats credits without their unit, such as before a limit that has one: `12,345.5`.
pub(crate) fn credits_number(credits: Credits) -> String {
    let micros = credits.micros();
    let sign = if micros < 0 { MINUS } else { "" };
    let whole = (micros / 1_000_000).unsigned_abs();
    let fraction = format!("{:06}", (micros % 1_000_000).unsigned_abs());
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

/// Formats an amount in cents: `$1,234.50`.
pub(crate) fn money_text(cents: i64) -> String {
    let sign = if cents < 0 { MINUS } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}${}.{:02}", grouped(cents / 100), cents % 100)
}

/// Formats a number of bytes: `1.5 MiB`. Units are powers of 1,024, as in the limits of the plans.
pub(crate) fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let (mut tenths, mut unit) = (u128::from(bytes) * 10, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1_024;
        unit += 1;
    }
    let name = UNITS[unit];
    match tenths % 10 {
        0 => format!("{} {name}", tenths / 10),
        tenth => format!("{}.{tenth} {name}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_have_up_to_six_decimal_places() {
        let texts = [1_000_000, -2_000_500_000, 4_000].map(Credits::from_micros);
        assert_eq!(texts.map(credits_text), ["1 credit", "−2,000.5 credits", "0.004 credits"]);
        assert_eq!(texts.map(credits_number), ["1", "−2,000.5", "0.004"]);
    }

    #[test]
    fn money_and_sizes_have_units() {
        assert_eq!(
            [0, 5, 123_450, -100].map(money_text),
            ["$0.00", "$0.05", "$1,234.50", "−$1.00"]
        );
        assert_eq!(
            [0, 1_023, 1_536, 1_048_576].map(size_text),
            ["0 bytes", "1023 bytes", "1.5 KiB", "1 MiB"]
        );
    }
}
