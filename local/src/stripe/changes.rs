//! Changes of subscriptions: another price, the end, another card.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cards::Session;
use super::customers::merged;
use super::drafts::{self, Draft};
use super::lines::{self, Line, Of};
use super::parameters::text;
use super::public::merge;
use super::refusal::Refusal;
use super::work::{Result, Work};
use super::{beyond, invoices, subscriptions};

/// What changing one takes.
pub(super) const UPDATE: &[&str] = &[
    "cancel_at_period_end",
    "cancellation_details",
    "default_payment_method",
    "items.id",
    "items.price",
    "metadata",
    "proration_behavior",
];

/// `POST /v1/subscriptions/{id}`
pub(super) fn update(work: &mut Work<'_>, id: &str, sent: &Value) -> Result<Value> {
    subscriptions::living(work, id)?;
    let price = new_price(work, id, sent)?;
    let mut fields = fields(work, id, sent)?;
    let behaviour = text(sent, "/proration_behavior").unwrap_or("create_prorations");
    let pending = match &price {
        None => Vec::new(),
        Some(price) => {
            let pending =
                if behaviour == "none" { Vec::new() } else { prorations(work, id, price) };
            let mut items = work.field(id, "/items").clone();
            let own =
                json!({"price": work.field(price, ""), "plan": subscriptions::plan(work, price)});
            merge(&mut items["data"][0], own);
            merge(&mut fields, json!({"items": items}));
            pending
        }
    };
    let mut before = work.change(id, fields);
    let mut due = None;
    if behaviour == "always_invoice" && !pending.is_empty() {
        let customer = work.text(id, "/customer");
        let mut all = work.store.pending.remove(id).unwrap_or_default();
        all.extend(pending);
        let draft = Draft {
            customer: &customer,
            subscription: Some(id),
            reason: "subscription_update",
            lines: all,
            period: (work.now, work.now),
        };
        let invoice = drafts::draft(work, draft);
        merge(&mut before, work.change(id, json!({"latest_invoice": invoice})));
        due = Some(invoice);
    } else if !pending.is_empty() {
        work.store.pending.entry(id.to_owned()).or_default().extend(pending);
    }
    if before.as_object().is_some_and(|before| !before.is_empty()) {
        work.event("customer.subscription.updated", id, Some(before));
    }
    if let Some(invoice) = due {
        invoices::finalize(work, &invoice);
        let method = subscriptions::method(work, id);
        invoices::collect(work, &invoice, method.as_deref(), Session::Off);
    }
    Ok(work.get("subscription", id, "id")?.clone())
}

fn fields(work: &Work<'_>, id: &str, sent: &Value) -> Result<Value> {
    let mut fields = json!({});
    if let Some(metadata) = sent.get("metadata") {
        merge(&mut fields, json!({"metadata": merged(work.field(id, "/metadata"), metadata)}));
    }
    if let Some(method) = text(sent, "/default_payment_method") {
        let found = work.get("payment_method", method, "default_payment_method")?;
        if found["customer"] != *work.field(id, "/customer") {
            return Err(Refusal::missing("payment_method", method, "default_payment_method"));
        }
        merge(&mut fields, json!({"default_payment_method": method}));
    }
    match text(sent, "/cancel_at_period_end") {
        Some("true") => {
            let mut details = work.field(id, "/cancellation_details").clone();
            merge(&mut details, json!({"reason": "cancellation_requested"}));
            merge(&mut details, sent.get("cancellation_details").cloned().unwrap_or_default());
            let end = work.field(id, "/items/data/0/current_period_end");
            let own = json!({"cancel_at_period_end": true, "cancel_at": end, "canceled_at": work.now,
                "cancellation_details": details});
            merge(&mut fields, own);
        }
        Some(_) => {
            let details = json!({"comment": null, "feedback": null, "reason": null});
            let own = json!({"cancel_at_period_end": false, "cancel_at": null, "canceled_at": null,
                "cancellation_details": details});
            merge(&mut fields, own);
        }
        None => {}
    }
    Ok(fields)
}

/// The price that is asked for, if it is another one.
fn new_price(work: &Work<'_>, id: &str, sent: &Value) -> Result<Option<String>> {
    let Some(items) = sent.get("items").and_then(Value::as_array) else { return Ok(None) };
    let Some(item) = text(sent, "/items/0/id").filter(|_| items.len() == 1) else {
        return Err(beyond::not_simulated("subscriptions of several items"));
    };
    if work.field(id, "/items/data/0/id") != item {
        return Err(Refusal::missing("subscription_item", item, "items[0][id]"));
    }
    let Some(price) = text(sent, "/items/0/price") else { return Ok(None) };
    let found = work.get("price", price, "items[0][price]")?;
    if found["type"] != "recurring" {
        let message = "The price specified is set to `type=one_time` but this field only accepts prices \
            with `type=recurring`.";
        return Err(Refusal::invalid(message).with_param("items[0][price]"));
    }
    let is_other = work.field(id, "/items/data/0/price/id") != price;
    Ok(is_other.then(|| price.to_owned()))
}

/// What is given back of the old price, and what the new one costs, for what is left of the period.
fn prorations(work: &Work<'_>, id: &str, new: &str) -> Vec<Value> {
    let of = |name: &str| work.field(id, &format!("/items/data/0/{name}"));
    let whole = |name: &str| of(name).as_i64().unwrap_or_default();
    let (start, end) = (whole("current_period_start"), whole("current_period_end"));
    let (left, all) = ((end - work.now).max(0), (end - start).max(1));
    let (old, item) =
        (of("price/id").as_str().unwrap_or_default(), of("id").as_str().unwrap_or_default());
    let day = Timestamp::from_second(work.now).map(|now| now.strftime("%d %b %Y").to_string());
    let day = day.unwrap_or_default();
    let line = |price, sign: i64, what| {
        let full = work.number(price, "/unit_amount") * whole("quantity");
        let line = Line {
            price,
            quantity: whole("quantity"),
            // To the nearest cent.
            amount: sign * ((full * left + all / 2) / all),
            description: format!("{what} time on {} after {day}", lines::name(work, price)),
            period: (work.now, end),
            of: Of::Subscription { subscription: id, item, is_proration: true },
        };
        lines::line(work, line)
    };
    vec![line(old, -1, "Unused"), line(new, 1, "Remaining")]
}
