//! Credits, money and sizes as people read them.

use shared::credits::Credits;

/// Formats credits: `12,345.5 credits`.
pub(crate) fn credits_text(credits: Credits) -> String {
    let micros = credits.micros();
    let sign = if micros < 0 { "-" } else { "" };
    let whole = (micros / 1_000_000).unsigned_abs();
    let fraction = format!("{:06}", (micros % 1_000_000).unsigned_abs());
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    let unit = if micros == 1_000_000 { "credit" } else { "credits" };
    format!("{sign}{}{point}{fraction} {unit}", grouped(whole))
}

/// Formats an amount in cents: `$1,234.50`.
pub(crate) fn money_text(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}${}.{:02}", grouped(cents / 100), cents % 100)
}

/// Formats a number of bytes: `1.5 MB`. Units are powers of 1,024, as in the limits of the plans.
pub(crate) fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KB", "MB", "GB", "TB"];
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

/// Formats a number with commas: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0, 5, 123_450, -100].map(money_text),
            ["$0.00", "$0.05", "$1,234.50", "-$1.00"]
        );
        assert_eq!(
            [0, 1_023, 1_536, 1_048_576].map(size_text),
            ["0 bytes", "1023 bytes", "1.5 KB", "1 MB"]
        );
    }
}
