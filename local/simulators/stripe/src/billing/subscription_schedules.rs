//! Schedules, which change a subscription's price when its period ends.
//! <https://docs.stripe.com/api/subscription_schedules>

use serde_json::{Value, json};

use super::subscriptions;
use crate::description::merge_fields;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::parameters::{number, text};
use crate::store::TimerAction;

/// The supported parameters for creating a schedule.
pub(crate) const CREATE_PARAMETERS: &[&str] = &["from_subscription"];

/// The supported parameters for updating a schedule.
pub(crate) const UPDATE_PARAMETERS: &[&str] = &[
    "end_behavior",
    "phases.end_date",
    "phases.items.price",
    "phases.items.quantity",
    "phases.proration_behavior",
    "phases.start_date",
    "proration_behavior",
];

/// `POST /v1/subscription_schedules`
///
/// Creates a schedule with one phase, the current period of the subscription.
///
/// # Errors
/// Fails with 400 if the subscription does not exist, has ended, ends with its period, or has a schedule.
pub(crate) fn create(op: &mut Operation<'_>, _: &str, parameters: &Value) -> ApiResult<Value> {
    let Some(subscription) = text(parameters, "/from_subscription") else {
        return Err(ApiError::unsupported("a schedule that is not made from a subscription"));
    };
    if op.get_object("subscription", subscription, "from_subscription")?["status"] == "canceled" {
        let message = "You cannot create a subscription schedule from a canceled subscription.";
        return Err(ApiError::invalid_request(message).with_param("from_subscription"));
    }
    if !op.field(subscription, "/schedule").is_null() {
        let message = format!(
            "You cannot migrate a subscription that is already attached to a schedule: `{subscription}`."
        );
        return Err(ApiError::invalid_request(message).with_param("from_subscription"));
    }
    if *op.field(subscription, "/cancel_at_period_end") == true {
        return Err(ApiError::unsupported(
            "a schedule of a subscription that ends with its period",
        ));
    }
    let id = op.new_id("sub_sched");
    let item = |name: &str| op.field(subscription, &format!("/items/data/0/{name}")).clone();
    let (start, end) = (item("current_period_start"), item("current_period_end"));
    let first = NewPhase {
        price: item("price/id").as_str().unwrap_or_default().to_owned(),
        quantity: item("quantity").as_i64().unwrap_or(1),
        period: (start.as_i64().unwrap_or_default(), end.as_i64().unwrap_or_default()),
        proration_behavior: "create_prorations",
    };
    let mut settings =
        op.description.build_object("subscription_schedule", json!({}))["default_settings"].take();
    let default_settings = json!({"billing_thresholds": null, "transfer_data": null});
    merge_fields(&mut settings, default_settings);
    let fields = json!({
        "billing_mode": {"type": "classic"}, "canceled_at": null, "completed_at": null,
        "current_phase": {"start_date": start, "end_date": end},
        "customer": op.field(subscription, "/customer"), "default_settings": settings,
        "end_behavior": "release", "metadata": {}, "phases": [build_phase(op, &first)],
        "released_at": null, "released_subscription": null, "status": "active",
        "subscription": subscription,
    });
    op.create_object("subscription_schedule", &id, fields);
    op.emit_event("subscription_schedule.created", &id);
    let attached = json!({"schedule": id});
    op.update_and_emit("customer.subscription.updated", subscription, attached);
    Ok(op.get_object("subscription_schedule", &id, "id")?.clone())
}

/// `POST /v1/subscription_schedules/{schedule}`
///
/// Replaces the phases: the current one, which must keep its start and its price, and later ones.
///
/// # Errors
/// Fails with 404 if the schedule does not exist, and with 400 if it is not active or a phase is invalid.
pub(crate) fn update(op: &mut Operation<'_>, id: &str, parameters: &Value) -> ApiResult<Value> {
    require_active(op, id, "update")?;
    if text(parameters, "/end_behavior").is_some_and(|behavior| behavior != "release") {
        return Err(ApiError::unsupported("a schedule that does not release its subscription"));
    }
    let phases = parameters.get("phases").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut start = number(parameters, "/phases/0/start_date");
    if start.is_none() || start != op.field(id, "/current_phase/start_date").as_i64() {
        let message = "The first phase must start when the current phase started.";
        return Err(ApiError::invalid_request(message).with_param("phases[0][start_date]"));
    }
    let mut built = Vec::new();
    for (index, sent) in phases.iter().enumerate() {
        let param = |name: &str| format!("phases[{index}][{name}]");
        let (begin, end) = (start.unwrap_or_default(), number(sent, "/end_date"));
        let Some(end) = end.filter(|end| *end > begin.max(op.now)) else {
            let message = "A phase must end in the future, after it starts.";
            return Err(ApiError::invalid_request(message).with_param(&param("end_date")));
        };
        let price = text(sent, "/items/0/price").unwrap_or_default();
        if op.get_object("price", price, &param("items][0][price"))?["type"] != "recurring" {
            return Err(ApiError::invalid_request("A phase needs a recurring price.")
                .with_param(&param("items")));
        }
        let phase = NewPhase {
            price: price.to_owned(),
            quantity: number(sent, "/items/0/quantity").unwrap_or(1),
            period: (begin, end),
            proration_behavior: text(sent, "/proration_behavior").unwrap_or("create_prorations"),
        };
        built.push(build_phase(op, &phase));
        start = Some(end);
    }
    let current = json!({"start_date": built[0]["start_date"], "end_date": built[0]["end_date"]});
    let subscription = op.text(id, "/subscription");
    if built[0]["items"][0]["price"] != *op.field(&subscription, "/items/data/0/price/id") {
        return Err(ApiError::unsupported("a schedule that changes the current price at once"));
    }
    op.update_and_emit(
        "subscription_schedule.updated",
        id,
        json!({"phases": built, "current_phase": current}),
    );
    Ok(op.get_object("subscription_schedule", id, "id")?.clone())
}

/// `POST /v1/subscription_schedules/{schedule}/release`
///
/// Ends the schedule and keeps its subscription as it is.
///
/// # Errors
/// Fails with 404 if the schedule does not exist, and with 400 if it is not active.
pub(crate) fn release(op: &mut Operation<'_>, id: &str, _: &Value) -> ApiResult<Value> {
    require_active(op, id, "release")?;
    let subscription = op.text(id, "/subscription");
    detach(
        op,
        id,
        json!({"status": "released", "released_at": op.now,
        "released_subscription": subscription}),
    );
    op.emit_event("subscription_schedule.released", id);
    let detached = json!({"schedule": null});
    op.update_and_emit("customer.subscription.updated", &subscription, detached);
    Ok(op.get_object("subscription_schedule", id, "id")?.clone())
}

/// Ends the schedule of a subscription that has ended.
pub(crate) fn cancel_with_subscription(op: &mut Operation<'_>, subscription: &str) {
    let id = op.text(subscription, "/schedule");
    if id.is_empty() {
        return;
    }
    detach(op, &id, json!({"status": "canceled", "canceled_at": op.now}));
    op.emit_event("subscription_schedule.canceled", &id);
    op.update_object(subscription, json!({"schedule": null}));
}

/// Begins the phase of a subscription's schedule that starts now. Returns the changed items of the subscription.
pub(crate) fn begin_phase(op: &mut Operation<'_>, subscription: &str) -> Option<Value> {
    let id = op.text(subscription, "/schedule");
    let phases = op.field(&id, "/phases").as_array()?.clone();
    let next = phases.iter().find(|phase| phase["start_date"] == op.now)?;
    let current = json!({"start_date": next["start_date"], "end_date": next["end_date"]});
    op.schedule(next["end_date"].as_i64()?, TimerAction::EndSchedule(id.clone()));
    op.update_and_emit("subscription_schedule.updated", &id, json!({"current_phase": current}));
    let price = next["items"][0]["price"].as_str()?;
    let mut items = op.field(subscription, "/items").clone();
    let fields =
        json!({"price": op.field(price, ""), "plan": subscriptions::build_plan(op, price)});
    merge_fields(&mut items["data"][0], fields);
    Some(items)
}

/// The parameters of a phase.
struct NewPhase<'p> {
    price: String,
    quantity: i64,
    /// The start and the end in seconds since 1970.
    period: (i64, i64),
    proration_behavior: &'p str,
}

fn build_phase(op: &Operation<'_>, phase: &NewPhase<'_>) -> Value {
    let example = op.description.build_object("subscription_schedule", json!({}));
    let mut built = example["phases"][0].clone();
    let mut item = built["items"][0].take();
    let plan = subscriptions::build_plan(op, &phase.price);
    let fields = json!({"billing_thresholds": null, "plan": plan, "price": phase.price,
        "quantity": phase.quantity});
    merge_fields(&mut item, fields);
    let fields = json!({"billing_thresholds": null, "end_date": phase.period.1,
        "invoice_settings": null, "items": [item], "proration_behavior": phase.proration_behavior,
        "start_date": phase.period.0, "transfer_data": null});
    merge_fields(&mut built, fields);
    built
}

fn detach(op: &mut Operation<'_>, id: &str, fields: Value) {
    op.store.timers.retain(|timer| timer.action != TimerAction::EndSchedule(id.to_owned()));
    op.update_object(id, fields);
    op.update_object(id, json!({"current_phase": null, "subscription": null}));
}

fn require_active(op: &Operation<'_>, id: &str, verb: &str) -> ApiResult<()> {
    let schedule = op.get_object("subscription_schedule", id, "id")?;
    if schedule["status"] == "active" {
        return Ok(());
    }
    let status = schedule["status"].as_str().unwrap_or_default();
    let message = format!(
        "You cannot {verb} a subscription schedule that is currently in the `{status}` status."
    );
    Err(ApiError::invalid_request(message))
}
