//! The line items of a checkout session.

use serde_json::{Value, json};

use crate::billing::prices;
use crate::description::merge_fields;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::{number, text};

/// The minimum total of a session in the mode `payment`, in cents.
const MIN_TOTAL_CENTS: i64 = 50;

/// The maximum total of a session in cents.
const MAX_TOTAL_CENTS: i64 = 99_999_999;

/// Builds the line items of a new session, and creates prices for those with `price_data`.
///
/// # Errors
/// Fails with 400 if a price, a quantity or the total is invalid.
pub(crate) fn create_line_items(
    op: &mut Operation<'_>,
    parameters: &Value,
    mode: &str,
) -> ApiResult<Vec<Value>> {
    let lines: Vec<Value> =
        parameters.get("line_items").and_then(Value::as_array).cloned().unwrap_or_default();
    if mode == "subscription" && lines.len() > 1 {
        return Err(ApiError::unsupported("subscriptions of several items"));
    }
    let mut items = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let param = |name: &str| format!("line_items[{index}][{name}]");
        let quantity = number(line, "/quantity")
            .ok_or_else(|| ApiError::missing_parameter(&param("quantity")))?;
        if quantity < 1 {
            let error = ApiError::invalid_request("This value must be greater than or equal to 1.");
            return Err(error
                .with_code("parameter_invalid_integer")
                .with_param(&param("quantity")));
        }
        let price = find_or_create_price(op, line, &param, mode)?;
        items.push(build_line_item(op, &price, quantity));
    }
    let total: i64 = items.iter().filter_map(|item| item["amount_total"].as_i64()).sum();
    if mode == "payment" && total < MIN_TOTAL_CENTS {
        let message = "The Checkout Session's total amount due must add up to at least $0.50 usd";
        return Err(ApiError::invalid_request(message).with_code("amount_too_small"));
    }
    if total > MAX_TOTAL_CENTS {
        let message = "The Checkout Session's total amount must be no more than $999,999.99";
        return Err(ApiError::invalid_request(message).with_code("amount_too_large"));
    }
    Ok(items)
}

/// Builds a line item as a session lists it.
fn build_line_item(op: &Operation<'_>, price: &str, quantity: i64) -> Value {
    let cents = op.number(price, "/unit_amount").saturating_mul(quantity);
    let mut item = op.description.build_object("item", json!({}));
    let fields = json!({
        "id": op.new_id("li"), "amount_discount": 0, "amount_subtotal": cents, "amount_tax": 0,
        "amount_total": cents, "adjustable_quantity": null,
        "description": prices::product_name(op, price),
        "price": op.field(price, ""), "quantity": quantity,
    });
    merge_fields(&mut item, fields);
    item
}

/// Returns the id of the price of a line, which `price_data` creates.
///
/// # Errors
/// Fails with 400 if the price does not exist, `price_data` is incomplete, or the mode does not allow it.
fn find_or_create_price(
    op: &mut Operation<'_>,
    line: &Value,
    param: &impl Fn(&str) -> String,
    mode: &str,
) -> ApiResult<String> {
    let Some(price) = text(line, "/price") else {
        let cents = number(line, "/price_data/unit_amount").filter(|cents| *cents >= 0);
        let cents =
            cents.ok_or_else(|| ApiError::missing_parameter(&param("price_data][unit_amount")))?;
        let name = text(line, "/price_data/product_data/name");
        let name =
            name.ok_or_else(|| ApiError::missing_parameter(&param("price_data][product_data")))?;
        if text(line, "/price_data/currency") != Some("usd") {
            return Err(ApiError::unsupported("another currency than usd"));
        }
        check_recurrence(mode, false)?;
        return Ok(prices::create_one_time(op, name, cents));
    };
    let found = op.get_object("price", price, &param("price"))?;
    check_recurrence(mode, found["type"] == "recurring")?;
    Ok(price.to_owned())
}

/// Checks that a subscription has a recurring price, and that a payment has a one-time price.
///
/// # Errors
/// Fails with 400 otherwise.
fn check_recurrence(mode: &str, is_recurring: bool) -> ApiResult<()> {
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
    Err(ApiError::invalid_request(message).with_param("line_items"))
}
