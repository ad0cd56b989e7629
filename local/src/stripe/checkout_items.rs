//! What a checkout session is about.

use serde_json::Value;

use super::beyond::not_simulated;
use super::parameters::{number, text};
use super::refusal::Refusal;
use super::schema::missing;
use super::work::{Result, Work};
use super::{lines, prices};

/// Cents that can be paid at once.
const LEAST: i64 = 50;
const MOST: i64 = 99_999_999;

/// The items of a new session.
pub(super) fn items(work: &mut Work<'_>, sent: &Value, mode: &str) -> Result<Vec<Value>> {
    let sent: Vec<Value> =
        sent.get("line_items").and_then(Value::as_array).cloned().unwrap_or_default();
    if mode == "subscription" && sent.len() > 1 {
        return Err(not_simulated("subscriptions of several items"));
    }
    let mut items = Vec::new();
    for (at, line) in sent.iter().enumerate() {
        let param = |name: &str| format!("line_items[{at}][{name}]");
        let quantity = number(line, "/quantity").ok_or_else(|| missing(&param("quantity")))?;
        if quantity < 1 {
            let refusal = Refusal::invalid("This value must be greater than or equal to 1.");
            return Err(refusal
                .with_code("parameter_invalid_integer")
                .with_param(&param("quantity")));
        }
        let price = price(work, line, &param, mode)?;
        items.push(lines::item(work, &price, quantity));
    }
    let total: i64 = items.iter().filter_map(|item| item["amount_total"].as_i64()).sum();
    if mode == "payment" && total < LEAST {
        let message = "The Checkout Session's total amount due must add up to at least $0.50 usd";
        return Err(Refusal::invalid(message).with_code("amount_too_small"));
    }
    if total > MOST {
        let message = "The Checkout Session's total amount must be no more than $999,999.99";
        return Err(Refusal::invalid(message).with_code("amount_too_large"));
    }
    Ok(items)
}

fn price(
    work: &mut Work<'_>,
    line: &Value,
    param: &impl Fn(&str) -> String,
    mode: &str,
) -> Result<String> {
    let Some(price) = text(line, "/price") else {
        let data = "/price_data";
        let cents = number(line, &format!("{data}/unit_amount"));
        let cents = cents
            .filter(|cents| *cents >= 0)
            .ok_or_else(|| missing(&param("price_data][unit_amount")))?;
        let name = text(line, &format!("{data}/product_data/name"));
        let name = name.ok_or_else(|| missing(&param("price_data][product_data")))?;
        if text(line, &format!("{data}/currency")) != Some("usd") {
            return Err(not_simulated("another currency than usd"));
        }
        only_recurring(mode, false)?;
        return Ok(prices::inline(work, name, cents));
    };
    let found = work.get("price", price, &param("price"))?;
    only_recurring(mode, found["type"] == "recurring")?;
    Ok(price.to_owned())
}

fn only_recurring(mode: &str, is_recurring: bool) -> Result<()> {
    let message = match (mode, is_recurring) {
        ("payment", true) => {
            "You specified `payment` mode but passed a recurring price. Either switch to \
             `subscription` mode or use only one-time prices."
        }
        ("subscription", false) => {
            "You must provide at least one recurring price in `subscription` mode when using prices."
        }
        _ => return Ok(()),
    };
    Err(Refusal::invalid(message).with_param("line_items"))
}
