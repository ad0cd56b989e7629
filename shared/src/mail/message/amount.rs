//! Money as people read it.

/// How many digits behind the point an amount has that Stripe counts in a currency's smallest unit.
/// <https://docs.stripe.com/currencies>, where what people count otherwise is explained: of ISK and UGX
/// Stripe counts hundredths.
fn places(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// `USD 50.00`, of an amount in the currency's smallest unit. A currency that isn't three letters is left out:
/// then there is no saying how much it is, and nothing but a number to show.
pub(super) fn for_people(amount: i64, currency: &str) -> String {
    let currency = currency.to_ascii_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return amount.to_string();
    }
    let sign = if amount < 0 { "-" } else { "" };
    let (amount, places) = (amount.unsigned_abs(), places(&currency));
    let unit = 10_u64.pow(places);
    let (whole, rest, width) = (amount / unit, amount % unit, places as usize);
    if places == 0 {
        format!("{currency} {sign}{whole}")
    } else {
        format!("{currency} {sign}{whole}.{rest:0width$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_amount_has_as_many_places_as_its_currency() {
        for (amount, currency, text) in [
            (5_000, "usd", "USD 50.00"),
            (5, "usd", "USD 0.05"),
            (0, "eur", "EUR 0.00"),
            (123_456_789, "eur", "EUR 1234567.89"),
            (-1_050, "usd", "USD -10.50"),
            (-5, "usd", "USD -0.05"),
            (5_000, "jpy", "JPY 5000"),
            (0, "krw", "KRW 0"),
            (5_120, "kwd", "KWD 5.120"),
            (7, "tnd", "TND 0.007"),
            (500, "isk", "ISK 5.00"),
            (500, "ugx", "UGX 5.00"),
            (i64::MAX, "usd", "USD 92233720368547758.07"),
            (i64::MIN, "jpy", "JPY -9223372036854775808"),
        ] {
            assert_eq!(for_people(amount, currency), text);
        }
    }

    #[test]
    fn what_is_no_currency_is_not_shown() {
        for currency in ["", "us", "usdt", "u$d", "us\n", "é1"] {
            assert_eq!(for_people(5_000, currency), "5000", "{currency:?}");
        }
    }

    proptest! {
        #[test]
        fn no_digit_is_lost_and_none_made_up(amount: i64, places in 0..3_usize) {
            let currency = ["jpy", "usd", "kwd"][places];
            let text = for_people(amount, currency);
            let number = text.split(' ').next_back().unwrap();
            let digits: String = number.chars().filter(|c| *c != '.').collect();
            prop_assert_eq!(digits.parse::<i64>().unwrap(), amount);
            let behind = number.split('.').nth(1).unwrap_or_default();
            prop_assert_eq!(behind.len(), [0, 2, 3][places]);
        }
    }
}
