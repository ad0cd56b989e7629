//! Formatting of amounts of money.

use crate::number_text::grouped;

/// Returns the number of decimal places of a currency's amounts at Stripe. ISK and UGX have no decimals in daily
/// use, but Stripe counts them in hundredths (<https://docs.stripe.com/currencies>).
fn decimal_places(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Formats an amount in the currency's smallest unit: US dollars as `$1,234.50`, as on the pages, and others with their
/// code, such as `EUR 1,234.50`. If the currency is not a three-letter code, the decimal places are unknown and the
/// result is the bare number.
pub(super) fn format_money(amount: i64, currency: &str) -> String {
    let currency = currency.to_ascii_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return amount.to_string();
    }
    let sign = if amount < 0 { "-" } else { "" };
    let (amount, places) = (amount.unsigned_abs(), decimal_places(&currency));
    let unit = 10_u64.pow(places);
    let (whole, rest, width) = (amount / unit, amount % unit, places as usize);
    let whole = grouped(whole);
    let number = if places == 0 { whole } else { format!("{whole}.{rest:0width$}") };
    if currency == "USD" {
        format!("{sign}${number}")
    } else {
        format!("{currency} {sign}{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_have_the_decimal_places_of_their_currency() {
        for (amount, currency, text) in [
            (5_000, "usd", "$50.00"),
            (5, "usd", "$0.05"),
            (0, "eur", "EUR 0.00"),
            (123_456_789, "eur", "EUR 1,234,567.89"),
            (-1_050, "usd", "-$10.50"),
            (-5, "usd", "-$0.05"),
            (5_000, "jpy", "JPY 5,000"),
            (0, "krw", "KRW 0"),
            (5_120, "kwd", "KWD 5.120"),
            (7, "tnd", "TND 0.007"),
            (500, "isk", "ISK 5.00"),
            (500, "ugx", "UGX 5.00"),
            (i64::MAX, "usd", "$92,233,720,368,547,758.07"),
            (i64::MIN, "jpy", "JPY -9,223,372,036,854,775,808"),
        ] {
            assert_eq!(format_money(amount, currency), text);
        }
    }

    #[test]
    fn an_invalid_currency_is_not_shown() {
        for currency in ["", "us", "usdt", "u$d", "us\n", "é1"] {
            assert_eq!(format_money(5_000, currency), "5000", "{currency:?}");
        }
    }

    proptest! {
        #[test]
        fn formatting_keeps_all_digits(amount: i64, places in 0..3_usize) {
            let currency = ["jpy", "usd", "kwd"][places];
            let text = format_money(amount, currency);
            let number = text.split(' ').next_back().unwrap();
            let digits: String = number.chars().filter(|c| !matches!(c, '.' | ',' | '$')).collect();
            prop_assert_eq!(digits.parse::<i64>().unwrap(), amount);
            let behind = number.split('.').nth(1).unwrap_or_default();
            prop_assert_eq!(behind.len(), [0, 2, 3][places]);
        }
    }
}
